import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { amendIdentity } from '../../../identities/actions.ts'
import { getLocalDate, toLocalDate, type LocalDate } from '../../../kernel/civil.ts'
import { given } from '../../../kernel/given.ts'
import { orAbsent, refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import { getCommune } from '../../../members/actions.ts'
import { refuseRpps } from '../../../members/rules.ts'
import { rulesOf } from '../../grid/actions.ts'
import { classify } from '../../grid/rules.ts'
import { withdrawOpenOf } from '../../proposals/actions.ts'
import { TO_QUALIFY, type Flags, type HouseholdMode } from '../../vocabulary.ts'
import {
  duplicatesOf,
  getCoordinated,
  getRequest,
  membersOf,
  viewOf,
  writeRequest,
  type MemberRow,
  type RequestRow,
  type RequestView,
} from '../actions.ts'
import type { NeedsInput } from '../arrival/actions.ts'
import { classed, householdOf } from '../classes/rules.ts'
import {
  bornIn,
  inState,
  mayBePregnant,
  refuseBirthDate,
  refuseClosed,
  refuseReopening,
  stateOf,
} from '../rules.ts'
import type { PatientSex, RequestSource } from '../vocabulary.ts'
import * as store from './store.ts'

export interface MemberChange {
  readonly number: number
  readonly family?: string | undefined
  readonly given?: string | undefined
  readonly birthDate?: LocalDate | undefined
  readonly sex?: PatientSex | undefined
  readonly flags?: Flags | undefined
}

/** What is left out stays; null empties what need not be said. */
export interface RequestChange {
  readonly source?: RequestSource | undefined
  readonly commune?: string | undefined
  readonly lat?: number | null | undefined
  readonly lon?: number | null | undefined
  readonly contact?:
    { readonly phone?: string | undefined; readonly email?: string | null | undefined } | undefined
  readonly members?: readonly MemberChange[] | undefined
  readonly needs?: NeedsInput | undefined
  readonly household?: HouseholdMode | undefined
  readonly maxKm?: number | null | undefined
  readonly alreadySeenBy?: string | null | undefined
  /** Brings back a household that was lost sight of. */
  readonly state?: 'waiting' | undefined
}
/** Corrects people of a request, here and in the vault (RGPD article 16). */
const changeMembers = (ctx: Ctx, row: RequestRow, changes: readonly MemberChange[]): void => {
  const members = membersOf(ctx, row.id)
  const askedOn = toLocalDate(row.waitingSince, ctx.territory.zone)
  for (const [index, { number, flags, ...change }] of changes.entries()) {
    const member = orAbsent(
      members.find((one) => one.number === number),
      'Personne du foyer',
    )
    const person = given(change)
    if (person.birthDate !== undefined)
      unlessRefused(
        refuseBirthDate(person.birthDate, toLocalDate(ctx.now, ctx.territory.zone), [
          'members',
          index,
          'birthDate',
        ]),
      )
    const known = Object.keys(person).length === 0 ? undefined : amendIdentity(ctx, member.identityId, person)
    store.updateMember(ctx.db, row.id, number, {
      flags: { ...member.flags, ...given(flags ?? {}) },
      ...(known
        ? {
            bornIn: bornIn(getLocalDate(known.birthDate)),
            mayBePregnant: mayBePregnant(
              { birthDate: getLocalDate(known.birthDate), sex: known.sex },
              askedOn,
            ),
          }
        : {}),
    })
  }
}

/** By which a household can be reached, of all its people. */
const changeContact = (
  ctx: Ctx,
  row: RequestRow,
  { phone, email }: NonNullable<RequestChange['contact']>,
): void => {
  const change = {
    ...(phone === undefined ? {} : { phone }),
    ...(email === undefined ? {} : { email: email ?? undefined }),
  }
  for (const { identityId } of membersOf(ctx, row.id)) amendIdentity(ctx, identityId, change)
}

/** The commune and the place are one answer: who moves without saying where exactly is at the centre of the commune. */
const placeAfter = (row: RequestRow, { commune, lat, lon }: RequestChange) => {
  const before = commune === undefined || commune === row.insee ? row : { lat: null, lon: null }
  return {
    insee: commune ?? row.insee,
    lat: lat === undefined ? before.lat : lat,
    lon: lon === undefined ? before.lon : lon,
  }
}

/** Of a request and its people, what an allocation is made from: whoever is asked was asked for this. */
const askedFor = (row: RequestRow, members: readonly MemberRow[]): string => {
  const { insee, lat, lon, needs, household, maxKm } = row
  return JSON.stringify([
    [insee, lat, lon, household, maxKm],
    [needs.homeVisit, needs.wheelchair, needs.language, needs.doctorSex],
    members.map(({ number, bornIn: born, flags }) => [number, born, flags.ald === true]),
  ])
}

/**
 * Corrects a request, or brings back one that was lost sight of. It is classed anew each time; proposals that nobody
 * answered yet are taken back when what they were made from is not so any more.
 */
export const updateRequest = (
  ctx: Ctx,
  id: string,
  change: RequestChange,
  ifMatch: number | undefined,
): RequestView => {
  const before = getCoordinated(ctx, id)
  const asked = askedFor(before, membersOf(ctx, id))
  unlessRefused(refuseStale(before.version, ifMatch))
  unlessRefused(refuseClosed(before))
  const isReopened = change.state !== undefined
  if (isReopened) unlessRefused(refuseReopening(before))
  if (change.commune !== undefined) getCommune(ctx, change.commune)
  if (typeof change.alreadySeenBy === 'string')
    unlessRefused(refuseRpps(change.alreadySeenBy, 'alreadySeenBy'))
  if (change.members) changeMembers(ctx, before, change.members)
  if (change.contact) changeContact(ctx, before, change.contact)
  const changed: RequestRow = {
    ...before,
    ...placeAfter(before, change),
    source: change.source ?? before.source,
    needs: { ...before.needs, ...given(change.needs ?? {}) },
    household: change.household ?? before.household,
    maxKm: change.maxKm === undefined ? before.maxKm : change.maxKm,
    alreadySeenBy: change.alreadySeenBy === undefined ? before.alreadySeenBy : change.alreadySeenBy,
  }
  const household = orAbsent(householdOf(before, membersOf(ctx, id)), 'Demande')
  const rules = rulesOf(ctx, before.communityId)
  const found = classify(rules.rules, household, ctx.now, ctx.territory.zone)
  const lost = isReopened
    ? inState({ ...changed, eraseAfter: null }, stateOf({ ...changed, class: found.class }, 0), ctx.now)
    : changed
  const row = writeRequest(ctx, classed(lost, found, rules, ctx.now))
  append(ctx, {
    type: isReopened ? 'mt_request.reopened' : 'mt_request.updated',
    subject: id,
    data: {
      communityId: row.communityId,
      changed: Object.keys(given(change)),
      class: row.class ?? TO_QUALIFY,
      rulesVersion: row.rulesVersion,
    },
  })
  if (askedFor(row, membersOf(ctx, id)) !== asked) withdrawOpenOf(ctx, id)
  const now = getRequest(ctx, id)
  return viewOf(ctx, now, duplicatesOf(ctx, now))
}
