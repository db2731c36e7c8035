import type { Doctor, Household, Problem } from './model.ts'

/** Units of cost in a hectometre. What is below it breaks ties. */
const HECTOMETRE = 4096
const TIE_BITS = 10

const hectometres = (km: number): number => Math.round(km * 10)

/** Kilometres to a tenth, as they are counted and shown. */
export const roundedKm = (km: number): number => hectometres(km) / 10

/** What kilometres cost, to a tenth. */
export const costOfKm = (km: number): number => hectometres(km) * HECTOMETRE

/** 32 bits of a text, by its code units (FNV-1a). */
export const hashText = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** Mixes a number into 32 bits (the finaliser of MurmurHash3). */
const mix = (hash: number, number: number): number => {
  let mixed = Math.imul(hash ^ number, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** What tells apart the same person with different practitioners at the same distance; texts are given by their hash. */
export const tieSeed = (seed: number, household: number, member: number): number =>
  mix(mix(mix(seed >>> 0, Math.floor(seed / 2 ** 32)), household), member)

const tieOf = (personSeed: number, doctor: number): number => mix(personSeed, doctor) >>> (32 - TIE_BITS)

/**
 * What it costs to place somebody: the distance in hectometres, and for whoever the last draft placed with somebody else
 * what that is worth; ties are broken by the seed. Never negative.
 */
export const pairCost = (km: number, leavesKm: number, personSeed: number, doctor: number): number =>
  costOfKm(km) + costOfKm(leavesKm) + tieOf(personSeed, doctor)

/** Each next patient of a practitioner costs more: `slope × (2 × (carried + k) − 1)` for the k-th. */
export interface Load {
  /** Patients that those accepted before are worth. */
  readonly carried: number
  readonly slope: number
}

/** Of the k-th patient, from 1: never less than of the one before. */
export const loadCost = ({ carried, slope }: Load, k: number): number =>
  Math.round(slope * (2 * (carried + k) - 1))

/** Points of a person on the mean of the problem; 0 when nobody has any, and then nothing is carried over. */
const meanPoints = (households: readonly Household[]): number => {
  const points = households.reduce((sum, household) => sum + household.points, 0)
  const people = households.reduce((sum, { members }) => sum + members.length, 0)
  return people === 0 ? 0 : points / people
}

/** How equity weighs on each practitioner: half a step below the first, so that steps are `equityKm` at a full share. */
export const loadsOf = (
  { households, weights }: Problem,
  doctors: readonly Pick<Doctor, 'load' | 'share'>[],
): Load[] => {
  const mean = meanPoints(households)
  return doctors.map(({ load, share }) => ({
    carried: mean === 0 ? 0 : load / mean,
    slope: (weights.equityKm * 10 * HECTOMETRE * 50) / share,
  }))
}
