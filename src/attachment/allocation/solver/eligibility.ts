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

/** What keeps people that are placed as one from a practitioner who is near enough and not excluded; null: nothing. */
export const findMisfit = (
  household: Household,
  party: readonly Member[],
  doctor: Doctor,
): Constraint | null => {
  const { needs } = household
  for (const { age } of party)
    if (age < (doctor.minAge ?? 0) || age > (doctor.maxAge ?? Infinity)) return 'age'
  if (needs.homeVisit && (!doctor.homeVisits || doctor.maxHomeVisits === 0)) return 'home_visit'
  if (needs.wheelchair && !(doctor.wheelchair && doctor.sites.some(({ wheelchair }) => wheelchair)))
    return 'wheelchair'
  if (needs.language !== null && !doctor.languages.includes(needs.language)) return 'language'
  if (needs.doctorSex !== null && needs.doctorSex !== doctor.sex) return 'doctor_sex'
  if (party.length > placesFor(household, doctor)) return 'no_places'
  if (needs.homeVisit) return party.length > (doctor.maxHomeVisits ?? Infinity) ? 'no_places' : null
  const ald = party.reduce((sum, member) => sum + (member.ald ? 1 : 0), 0)
  return ald > (doctor.maxAld ?? Infinity) ? 'no_places' : null
}

/** All constraints asked in order: the first that takes this practitioner away, or null. */
export const findConstraint = (
  household: Household,
  party: readonly Member[],
  doctor: Doctor,
): Constraint | null => {
  if (doctor.closed !== null) return doctor.closed
  if (household.excluded.includes(doctor.id)) return 'excluded'
  if (nearestKm(household, doctor) > Math.min(household.maxKm, doctor.maxKm ?? Infinity)) return 'distance'
  return findMisfit(household, party, doctor)
}
