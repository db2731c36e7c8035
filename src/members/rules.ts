import type { Actor } from '../kernel/ctx.ts'
import type { Refusal } from '../kernel/refusal.ts'

/**
 * Whether a national RPPS number is well formed: 11 digits, the last one the Luhn key of the others
 * (ANS, Référentiel RPPS; algorithm of ISO/IEC 7812-1 annex B).
 */
export const isRpps = (text: string): boolean => {
  if (!/^\d{11}$/.test(text)) return false
  const sum = [...text].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

/** Refuses a number that is no RPPS, by the name of the member that gave it. */
export const refuseRpps = (rpps: string, member = 'rpps'): Refusal | null =>
  isRpps(rpps)
    ? null
    : {
        code: 'invalid_rpps',
        detail: 'Le numéro RPPS compte 11 chiffres et finit par sa clé de Luhn.',
        path: [member],
      }

/** Upper bounds of population of sizes 1 to 3; size 3 includes its bound (ACI des CPTS, avenant 2). */
export const communitySize = (population: number): 1 | 2 | 3 | 4 => {
  if (population < 40_000) return 1
  if (population < 80_000) return 2
  return population <= 175_000 ? 3 : 4
}

/** One CPTS per commune: refuses the first commune that another CPTS holds, and says which. */
export const refuseCommunes = (
  holders: readonly { insee: string; communityId: string; communityName: string }[],
  self: string | null,
): Refusal | null => {
  const other = holders.find((holder) => holder.communityId !== self)
  return other
    ? {
        code: 'commune_taken',
        detail: `La commune ${other.insee} appartient à ${other.communityName}.`,
        facts: { commune: other.insee, communityId: other.communityId },
        path: ['communes'],
      }
    : null
}

export interface OwnedByPractitioner {
  readonly practitionerId: string
  /** CPTS of the practitioner. */
  readonly communityIds: readonly string[]
}

/**
 * Whether what belongs to a practitioner is the actor's to manage: the practitioner itself, a coordinator of one of
 * its CPTS, an admin, or the system.
 */
export const mayManage = (actor: Actor, owned: OwnedByPractitioner): boolean => {
  if (actor.kind === 'system') return true
  switch (actor.role) {
    case 'admin':
      return true
    case 'coordinator':
      return owned.communityIds.some((id) => actor.communityIds.includes(id))
    case 'practitioner':
      return actor.practitionerId === owned.practitionerId
    default:
      return false
  }
}

/**
 * Whether the actor may bring a practitioner from one set of CPTS to another: a coordinator adds to and takes from
 * its own CPTS only; a practitioner changes none.
 */
export const mayChangeCommunities = (
  actor: Actor,
  before: readonly string[],
  after: readonly string[],
): boolean => {
  if (actor.kind === 'system' || actor.role === 'admin') return true
  const changed = [
    ...before.filter((id) => !after.includes(id)),
    ...after.filter((id) => !before.includes(id)),
  ]
  return actor.role === 'coordinator'
    ? changed.every((id) => actor.communityIds.includes(id))
    : changed.length === 0
}
