import { distanceKm } from '../../../kernel/geo.ts'
import type { Constraint, Doctor, Household, Member } from './model.ts'

/** Those who are placed as one: all of a household that stays together, otherwise one of it. */
export const partiesOf = (household: Household): (readonly Member[])[] =>
  household.together ? [household.members] : household.members.map((member) => [member])

/** Kilometres to the nearest place that counts: one with access for who needs it, unless the practitioner comes. */
export const nearestKm = ({ at, needs }: Household, { sites }: Doctor): number => {
  const isAsked = needs.wheelchair && !needs.homeVisit && sites.some(({ wheelchair }) => wheelchair)
  let least = Infinity
  for (const site of sites) if (!isAsked || site.wheelchair) least = Math.min(least, distanceKm(at, site.at))
  return least
}

/** People of this urgency that a practitioner may be given. */
export const placesFor = ({ urgency }: Household, { places, reserved }: Doctor): number =>
  urgency === 1 ? places : places - reserved

type Test = (household: Household, party: readonly Member[], doctor: Doctor) => boolean

/** What may keep people from a practitioner who is near enough and not excluded, in the order of asking. */
const MISFITS: readonly (readonly [Constraint, Test])[] = [
  [
    'age',
    (_, party, { minAge, maxAge }) =>
      party.some(({ age }) => age < (minAge ?? 0) || age > (maxAge ?? Infinity)),
  ],
  [
    'home_visit',
    ({ needs }, _, doctor) => needs.homeVisit && (!doctor.homeVisits || doctor.maxHomeVisits === 0),
  ],
  [
    'wheelchair',
    // Whoever is seen at home goes nowhere.
    ({ needs }, _, doctor) =>
      needs.wheelchair &&
      !needs.homeVisit &&
      !(doctor.wheelchair && doctor.sites.some(({ wheelchair }) => wheelchair)),
  ],
  [
    'language',
    ({ needs }, _, { languages }) => needs.language !== null && !languages.includes(needs.language),
  ],
  ['doctor_sex', ({ needs }, _, { sex }) => needs.doctorSex !== null && needs.doctorSex !== sex],
  ['no_places', (household, party, doctor) => !hasPlacesFor(household, party, doctor)],
]

/** Whether a practitioner has as many places as people that are placed as one take, when nobody else takes any. */
const hasPlacesFor = (household: Household, party: readonly Member[], doctor: Doctor): boolean => {
  if (party.length > placesFor(household, doctor)) return false
  if (household.needs.homeVisit) return party.length <= (doctor.maxHomeVisits ?? Infinity)
  return party.reduce((sum, { ald }) => sum + (ald ? 1 : 0), 0) <= (doctor.maxAld ?? Infinity)
}

/** What keeps people that are placed as one from a practitioner who is near enough and not excluded; null: nothing. */
export const findMisfit = (
  household: Household,
  party: readonly Member[],
  doctor: Doctor,
): Constraint | null => {
  for (const [constraint, isBroken] of MISFITS) if (isBroken(household, party, doctor)) return constraint
  return null
}

/** The first constraint that takes a practitioner away from people that are placed as one, or null. */
export const findConstraint = (
  household: Household,
  party: readonly Member[],
  doctor: Doctor,
): Constraint | null => {
  if (doctor.closed !== null) return doctor.closed
  if (household.excluded.includes(doctor.id)) return 'excluded'
  if (isTooFar(household, doctor)) return 'distance'
  return findMisfit(household, party, doctor)
}

const isTooFar = (household: Household, doctor: Doctor): boolean =>
  nearestKm(household, doctor) > Math.min(household.maxKm, doctor.maxKm ?? Infinity)

/** All constraints that take a practitioner away, in the order of asking: the first is that of `findConstraint`. */
export const constraintsOf = (
  household: Household,
  party: readonly Member[],
  doctor: Doctor,
): Constraint[] => {
  const found: Constraint[] = doctor.closed === null ? [] : [doctor.closed]
  if (household.excluded.includes(doctor.id)) found.push('excluded')
  if (isTooFar(household, doctor)) found.push('distance')
  for (const [constraint, isBroken] of MISFITS) if (isBroken(household, party, doctor)) found.push(constraint)
  return found
}
