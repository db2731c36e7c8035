import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { amendIdentity, isAmendedBy } from '../../../identities/actions.ts'
import { getLocalDate, toLocalDate, type LocalDate } from '../../../kernel/civil.ts'
import { given } from '../../../kernel/given.ts'
import { orAbsent, refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import { getCommune } from '../../../members/actions.ts'
import { refuseRpps } from '../../../members/rules.ts'
import { rulesOf } from '../../grid/actions.ts'
import { withdrawOpenOf } from '../../proposals/actions.ts'
import { TO_QUALIFY, type Flag, type Flags, type HouseholdMode } from '../../vocabulary.ts'
import {
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
import { presentOf } from '../classes/rules.ts'
import { reopenRequest } from '../outcome/actions.ts'
import {
  bornIn,
  isClosed,
  mayBePregnant,
  refuseBirthDate,
  refuseCorrection,
  refuseReopening,
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

/** What a request says of how to reach all its people, as the vault keeps it. */
const contactOf = ({ phone, email }: NonNullable<RequestChange['contact']>) => ({
  ...(phone === undefined ? {} : { phone }),
  ...(email === undefined ? {} : { email: email ?? undefined }),
})

/** Whether a change is of who they are and how to reach them, and of nothing by which anything is decided. */
const isOfNames = ({ contact, members, ...rest }: RequestChange): boolean =>
  Object.keys(given(rest)).length === 0 &&
  (members ?? []).every(({ number, family, given: first, ...more }) => Object.keys(given(more)).length === 0)

/** Corrects people of a request, here and in the vault (RGPD article 16). Returns whether anything is otherwise than before. */
const changeMembers = (ctx: Ctx, row: RequestRow, changes: readonly MemberChange[]): boolean => {
  const members = membersOf(ctx, row.id)
  const broughtOn = toLocalDate(row.createdAt, ctx.territory.zone)
  let isOther = false
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
    const said = Object.entries(given(flags ?? {})).filter(
      ([flag, value]) => (member.flags[flag as Flag] ?? null) !== value,
    )
    const isAmended = isAmendedBy(ctx, member.identityId, person)
    if (said.length === 0 && !isAmended) continue
    isOther = true
    const known = isAmended ? amendIdentity(ctx, member.identityId, person) : undefined
    store.updateMember(ctx.db, row.id, number, {
      flags: { ...member.flags, ...Object.fromEntries(said) },
      ...(known
        ? {
            bornIn: bornIn(getLocalDate(known.birthDate)),
            mayBePregnant: mayBePregnant(
              { birthDate: getLocalDate(known.birthDate), sex: known.sex },
              broughtOn,
            ),
          }
        : {}),
    })
  }
  return isOther
}

/** By which a household can be reached, of all its people. Returns whether that is otherwise than before. */
const changeContact = (
  ctx: Ctx,
  row: RequestRow,
  contact: NonNullable<RequestChange['contact']>,
): boolean => {
  const change = contactOf(contact)
  const others = membersOf(ctx, row.id).filter(({ identityId }) => isAmendedBy(ctx, identityId, change))
  for (const { identityId } of others) amendIdentity(ctx, identityId, change)
  return others.length > 0
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

/** Writes a corrected request as its next version, classed anew unless it is closed, and tells of it. */
const keepChange = (ctx: Ctx, row: RequestRow, changed: readonly string[]): RequestRow => {
  const rules = rulesOf(ctx, row.communityId)
  const next = isClosed(row)
    ? row
    : orAbsent(presentOf(row, membersOf(ctx, row.id), rules, ctx.now, ctx.territory.zone), 'Demande')
  const kept = writeRequest(ctx, next)
  append(ctx, {
    type: 'mt_request.updated',
    subject: row.id,
    data: {
      communityId: row.communityId,
      changed,
      class: kept.class ?? TO_QUALIFY,
      rulesVersion: kept.rulesVersion,
    },
  })
  return kept
}

/**
 * Corrects a request, or brings back one that was lost sight of. It is classed anew each time; what changes nothing is no
 * version. Of a closed one only names and contact are corrected. Proposals that nobody answered yet are taken back when what
 * they were made from is not so any more.
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
  unlessRefused(refuseCorrection(before, isOfNames(change)))
  const isReopened = change.state !== undefined
  if (isReopened) unlessRefused(refuseReopening(before))
  if (change.commune !== undefined) getCommune(ctx, change.commune)
  if (typeof change.alreadySeenBy === 'string')
    unlessRefused(refuseRpps(change.alreadySeenBy, 'alreadySeenBy'))
  const row: RequestRow = {
    ...before,
    ...placeAfter(before, change),
    source: change.source ?? before.source,
    needs: { ...before.needs, ...given(change.needs ?? {}) },
    household: change.household ?? before.household,
    maxKm: change.maxKm === undefined ? before.maxKm : change.maxKm,
    alreadySeenBy: change.alreadySeenBy === undefined ? before.alreadySeenBy : change.alreadySeenBy,
  }
  const isOther = [
    change.members !== undefined && changeMembers(ctx, before, change.members),
    change.contact !== undefined && changeContact(ctx, before, change.contact),
    JSON.stringify(row) !== JSON.stringify(before),
  ].includes(true)
  const changed = Object.keys(given(change))
  if (isReopened) return viewOf(ctx, reopenRequest(ctx, row, { changed }))
  if (!isOther) return viewOf(ctx, before)
  const kept = keepChange(ctx, row, changed)
  if (askedFor(kept, membersOf(ctx, id)) !== asked) withdrawOpenOf(ctx, id)
  return viewOf(ctx, getRequest(ctx, id))
}
