import type { Ctx } from '../../db/db.ts'
import { actorName, append } from '../../events/actions.ts'
import type { EventType } from '../../events/vocabulary.ts'
import { toLocalDate } from '../../kernel/civil.ts'
import { absent, orAbsent, Refused, refuseStale, unlessRefused } from '../../kernel/refusal.ts'
import { communitiesOfPractitioner } from '../../members/actions.ts'
import { getRequest, revealHousehold } from '../requests/actions.ts'
import { settleRequest } from '../requests/outcome/actions.ts'
import type { Settled } from '../requests/rules.ts'
import type { PriorityClass } from '../vocabulary.ts'
import {
  ageBandOf,
  HOLDING_STATES,
  isExcludedBy,
  isLawful,
  isRefusal,
  isStale,
  maySeeHousehold,
  maySeeProposal,
  PROPOSAL_TRANSITIONS,
  refuseLeaver,
  refuseReason,
  refuseStep,
  staleBefore,
  stateOf,
  timesOf,
  type AnswerTimes,
  type ProposalStep,
} from './rules.ts'
import * as store from './store.ts'
import type { AgeBand, ProposalState } from './vocabulary.ts'

export type { ProposalRow } from './store.ts'

// Steps

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] => {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Tells of a proposal, by ids and counts. */
export const tell = (
  ctx: Ctx,
  type: EventType,
  row: store.ProposalRow,
  more: Record<string, unknown> = {},
): void =>
  append(ctx, {
    type,
    subject: row.id,
    practitionerId: row.practitionerId,
    data: {
      communityId: row.communityId,
      requestId: row.requestId,
      class: row.class,
      people: row.members.length,
      ...more,
    },
  })

const EVENT_OF = {
  accept: 'proposal.accepted',
  refuse: 'proposal.refused',
  expire: 'proposal.expired',
  decline: 'proposal.declined',
  lose: 'proposal.unreachable',
  withdraw: 'proposal.withdrawn',
  declare: 'proposal.declared',
} as const satisfies Record<Exclude<ProposalStep, 'send'>, EventType>

/** How many of a request are asked for, expected and declared. Asks for no right. */
export const settledOf = (ctx: Ctx, requestId: string): Settled => {
  const counts = new Map(store.countsOf(ctx.db, requestId).map(({ state, people }) => [state, people]))
  return {
    proposed: counts.get('open') ?? 0,
    accepted: counts.get('accepted') ?? 0,
    declared: counts.get('declared') ?? 0,
  }
}

/** Brings the state of a request in line with the proposals of its members. */
const settle = (ctx: Ctx, requestId: string, isRefused: boolean): void =>
  settleRequest(ctx, requestId, {
    ...settledOf(ctx, requestId),
    ...(isRefused ? { refusal: true } : {}),
  })

/** Takes a step that the rules allow, frees whom it frees and tells of it. The request's own state is the caller's. */
const takeStep = (
  ctx: Ctx,
  before: store.ProposalRow,
  step: Exclude<ProposalStep, 'send'>,
  change: Partial<store.ProposalRow> = {},
  more: Record<string, unknown> = {},
): store.ProposalRow => {
  const { to } = PROPOSAL_TRANSITIONS[step]
  const row = store.updateProposal(ctx.db, before.id, {
    ...(to === 'accepted' ? {} : { closedAt: ctx.now }),
    ...change,
    state: to,
  })
  if (!HOLDING_STATES.includes(to)) store.freeMembers(ctx.db, row.id)
  if (isExcludedBy(step, before.state))
    store.insertExclusion(ctx.db, {
      requestId: row.requestId,
      practitionerId: row.practitionerId,
      proposalId: row.id,
      createdAt: ctx.now,
    })
  tell(ctx, EVENT_OF[step], row, more)
  return row
}

/** Takes a step, and brings the request in line with it. */
export const move: typeof takeStep = (ctx, before, step, change, more) => {
  const row = takeStep(ctx, before, step, change, more)
  settle(ctx, row.requestId, isRefusal(step))
  return row
}

const expire = (ctx: Ctx, row: store.ProposalRow): void => {
  move(ctx, row, 'expire', { closedAt: row.answerBy })
}

/** Notes up to `limit` proposals that nobody answered in time; returns how many. They are closed already. */
export const expireProposals = (ctx: Ctx, limit: number): number => {
  const lapsed = store.listLapsed(ctx.db, ctx.now, limit)
  for (const row of lapsed) expire(ctx, row)
  return lapsed.length
}

/**
 * The proposal that somebody of a request is in now, if there is one. Silences that nobody noted yet are noted: whoever was
 * held by one is free. Asks for no right.
 */
export const holdingOf = (ctx: Ctx, requestId: string, member: number): store.ProposalRow | undefined => {
  const rows = store.proposalsOf(ctx.db, requestId)
  for (const row of rows) if (row.state !== stateOf(row, ctx.now)) expire(ctx, row)
  return rows.find((row) => HOLDING_STATES.includes(stateOf(row, ctx.now)) && row.members.includes(member))
}

/** Tells each practitioner once of what is theirs among proposals of one allocation. */
const tellEach = (
  ctx: Ctx,
  type: 'proposal.sent' | 'proposal.reminded',
  rows: readonly store.ProposalRow[],
): void => {
  const batches = groupBy(rows, (row) => `${row.allocationId} ${row.communityId} ${row.practitionerId}`)
  for (const [, [first, ...rest]] of batches)
    if (first)
      append(ctx, {
        type,
        subject: first.allocationId,
        practitionerId: first.practitionerId,
        data: { communityId: first.communityId, proposalIds: [first, ...rest].map(({ id }) => id) },
      })
}

/**
 * Takes back up to `limit` open proposals of practitioners who left the CPTS they came from; returns how many. Whom they
 * accepted before is the coordinator’s to follow.
 */
export const withdrawLeavers = (ctx: Ctx, limit: number): number => {
  const left = store.listOfLeavers(ctx.db, ctx.now, limit)
  for (const row of left) move(ctx, row, 'withdraw')
  return left.length
}

/** Reminds of up to `limit` proposals that wait for an answer, each once; returns how many. */
export const remindProposals = (ctx: Ctx, limit: number): number => {
  const due = store.listToRemind(ctx.db, ctx.now, limit)
  for (const { id } of due) store.updateProposal(ctx.db, id, { remindedAt: ctx.now })
  tellEach(ctx, 'proposal.reminded', due)
  return due.length
}

/** Ends what is open or accepted of a request, whose own state is the caller's. Asks for no right. */
const endOf = (ctx: Ctx, requestId: string, step: 'withdraw' | 'lose'): void => {
  for (const row of store.proposalsOf(ctx.db, requestId))
    if (refuseStep(stateOf(row, ctx.now), step) === null) takeStep(ctx, row, step)
}

/** Takes back the proposals of a request that is withdrawn. */
export const withdrawOf = (ctx: Ctx, requestId: string): void => endOf(ctx, requestId, 'withdraw')

/** Tells those who are the médecin traitant of people of a request that these are forgotten here (RGPD article 19). */
export const tellErased = (ctx: Ctx, requestId: string): void => {
  for (const row of store.proposalsOf(ctx.db, requestId))
    if (row.state === 'declared') tell(ctx, 'proposal.erased', row)
}

/**
 * Takes back what is open of a request that is not what was proposed any more; it waits again. Whoever accepted keeps
 * their patients. Asks for no right.
 */
export const withdrawOpenOf = (ctx: Ctx, requestId: string): void => {
  const open = store.proposalsOf(ctx.db, requestId).filter((row) => stateOf(row, ctx.now) === 'open')
  for (const row of open) takeStep(ctx, row, 'withdraw')
  if (open.length > 0) settle(ctx, requestId, false)
}

/** Ends the proposals of a request whose household nobody could reach. */
export const loseOf = (ctx: Ctx, requestId: string): void => endOf(ctx, requestId, 'lose')

/** Whether another practitioner accepted, or declared, somebody of the same household. Asks for no right. */
export const isExpectedElsewhere = (ctx: Ctx, { requestId, practitionerId }: store.ProposalRow): boolean =>
  store
    .proposalsOf(ctx.db, requestId)
    .some(
      (one) =>
        one.practitionerId !== practitionerId && (one.state === 'accepted' || one.state === 'declared'),
    )

// Sending

export interface NewProposal {
  readonly requestId: string
  readonly practitionerId: string
  /** Numbers of the members. */
  readonly members: readonly number[]
  readonly km: number
  readonly class: PriorityClass
  readonly points: number
}

/**
 * Proposes to practitioners what an allocation that was published found; gives the ids in the order of the batch. One
 * event for each practitioner. Asks for no right: publishing is a person's.
 */
export const sendProposals = (
  ctx: Ctx,
  { allocationId, batch, rules }: { allocationId: string; batch: readonly NewProposal[]; rules: AnswerTimes },
): string[] => {
  const communities = new Map(
    batch.map(({ requestId }) => [requestId, getRequest(ctx, requestId).communityId]),
  )
  // Whoever is held by a silence that nobody noted yet is free.
  for (const communityId of new Set(communities.values()))
    for (const row of store.lapsedIn(ctx.db, communityId, ctx.now)) expire(ctx, row)
  const times = timesOf(rules, ctx.now, ctx.territory.zone)
  const rows = batch.map((one): store.ProposalRow => ({
    id: ctx.newId('proposal'),
    allocationId,
    requestId: one.requestId,
    communityId: orAbsent(communities.get(one.requestId), 'Demande'),
    practitionerId: one.practitionerId,
    members: [...one.members],
    state: PROPOSAL_TRANSITIONS.send.to,
    km: one.km,
    class: one.class,
    points: one.points,
    ...times,
    remindedAt: null,
    staleToldAt: null,
    answeredAt: null,
    answeredBy: null,
    refusalReason: null,
    declaredOn: null,
    closedAt: null,
    version: 1,
    createdAt: ctx.now,
  }))
  store.insertProposals(ctx.db, rows)
  for (const requestId of [...communities.keys()].sort()) settle(ctx, requestId, false)
  tellEach(ctx, 'proposal.sent', rows)
  return rows.map(({ id }) => id)
}

// Looking

type Revealed = NonNullable<ReturnType<typeof revealHousehold>>

export interface ProposalView {
  readonly row: store.ProposalRow
  /** As it stands at this instant. */
  readonly state: ProposalState
  readonly isStale: boolean
  readonly request: ReturnType<typeof store.requestsOf>[number]
  /** How many the household counts, whether or not all of them are proposed. */
  readonly size: number
  readonly ageBands: readonly AgeBand[]
  readonly aldCount: number
  /** Attempts to reach the household for this proposal. */
  readonly contacts: ReturnType<typeof store.contactsOf>
  /** Who they are, with what is known of each: once accepted, to the practitioner. */
  readonly revealed: (Revealed & { readonly flags: ReadonlyMap<number, readonly string[]> }) | undefined
}

/** What is shown of proposals without saying who the patients are. */
const viewsOf = (ctx: Ctx, rows: readonly store.ProposalRow[]): (() => ProposalView)[] => {
  const requestIds = rows.map(({ requestId }) => requestId)
  const today = toLocalDate(ctx.now, ctx.territory.zone)
  const requests = new Map(store.requestsOf(ctx.db, requestIds).map((request) => [request.id, request]))
  const members = new Map(groupBy(store.membersOf(ctx.db, requestIds), ({ requestId }) => requestId))
  const contacts = store.contactsOf(ctx.db, requestIds)
  return rows.map((row) => () => {
    const household = members.get(row.requestId) ?? []
    const own = household.filter(({ number }) => row.members.includes(number))
    return {
      row,
      state: stateOf(row, ctx.now),
      isStale: isStale(row, ctx.now),
      request: orAbsent(requests.get(row.requestId), 'Demande'),
      size: household.length,
      ageBands: own.flatMap(({ bornIn }) => (bornIn === null ? [] : [ageBandOf(bornIn, today)])),
      aldCount: own.filter(({ flags }) => flags.ald === true).length,
      contacts: contacts.filter(({ proposalId }) => proposalId === row.id),
      revealed: undefined,
    }
  })
}

export const viewOf = (ctx: Ctx, row: store.ProposalRow): ProposalView => {
  const [view] = viewsOf(ctx, [row])
  return orAbsent(view, 'Proposition')()
}

/** The same, with who the patients are for the practitioner who accepted them; that is in the access log. */
const showFully = (ctx: Ctx, view: ProposalView): ProposalView => {
  const { row, state } = view
  if (!maySeeHousehold(ctx.actor, row, state)) return view
  const household = revealHousehold(ctx, row.requestId, row.members, {
    subject: row.id,
    practitionerId: row.practitionerId,
  })
  if (!household) return view
  const flags = new Map(
    store
      .membersOf(ctx.db, [row.requestId])
      .map((member): [number, string[]] => [
        member.number,
        Object.entries(member.flags).flatMap(([flag, value]) => (value === true ? [flag] : [])),
      ]),
  )
  return { ...view, revealed: { ...household, flags } }
}

/** A proposal that the actor sees, as it stands; otherwise the refusal of an absent one. */
export const getVisible = (ctx: Ctx, id: string): { row: store.ProposalRow; state: ProposalState } => {
  const row = orAbsent(store.findProposal(ctx.db, id), 'Proposition')
  if (!maySeeProposal(ctx.actor, row)) throw new Refused(absent('Proposition'))
  return { row, state: stateOf(row, ctx.now) }
}

export const getProposal = (ctx: Ctx, id: string): ProposalView =>
  showFully(ctx, viewOf(ctx, getVisible(ctx, id).row))

/** What a list is narrowed to; `practitioner` is an id, or `me` for the practitioner of the key. */
export type ProposalFilter = Omit<store.ProposalFilter, 'staleBefore'> & {
  readonly stale?: boolean | undefined
}

const scopeOf = ({ actor }: Ctx): store.Scope => {
  if (actor.kind === 'system' || actor.role === 'admin') return { kind: 'all' }
  if (actor.role === 'practitioner')
    return { kind: 'practitioner', practitionerId: actor.practitionerId ?? '' }
  return { kind: 'communities', communityIds: actor.communityIds }
}

/** Proposals that the actor sees, one more than `limit` when there are more; showing one may write the access log. */
export const listProposals = (
  ctx: Ctx,
  { stale, practitioner, ...filter }: ProposalFilter,
  after: string | undefined,
  limit: number,
): { readonly id: string; readonly show: () => ProposalView }[] => {
  const me = ctx.actor.kind === 'key' ? (ctx.actor.practitionerId ?? '') : ''
  const rows = store.listProposals(
    ctx.db,
    scopeOf(ctx),
    {
      ...filter,
      practitioner: practitioner === 'me' ? me : practitioner,
      staleBefore: stale === true ? staleBefore(ctx.now) : undefined,
    },
    ctx.now,
    after ?? '',
    limit + 1,
  )
  const views = viewsOf(ctx, rows)
  return views.map((view, place) => ({
    id: rows[place]?.id ?? '',
    show: () => showFully(ctx, view()),
  }))
}

// Answering

const getAnswerable = (
  ctx: Ctx,
  id: string,
  step: 'accept' | 'refuse',
  ifMatch: number | undefined,
): store.ProposalRow => {
  const { row, state } = getVisible(ctx, id)
  unlessRefused(refuseStale(row.version, ifMatch))
  unlessRefused(refuseStep(state, step))
  return row
}

/** The practitioner takes the patients on: who they are is shown to them from now on, by a reading of its own. */
export const acceptProposal = (ctx: Ctx, id: string, ifMatch: number | undefined): ProposalView => {
  const row = getAnswerable(ctx, id, 'accept', ifMatch)
  unlessRefused(refuseLeaver(row, communitiesOfPractitioner(ctx, row.practitionerId)))
  return viewOf(ctx, move(ctx, row, 'accept', { answeredAt: ctx.now, answeredBy: actorName(ctx.actor) }))
}

/** The practitioner does not, for a reason of the closed list: the patients wait on, with their seniority. */
export const refuseProposal = (
  ctx: Ctx,
  id: string,
  reason: string,
  ifMatch: number | undefined,
): ProposalView => {
  const { row } = getVisible(ctx, id)
  unlessRefused(refuseReason(reason))
  getAnswerable(ctx, id, 'refuse', ifMatch)
  const answer = { answeredAt: ctx.now, answeredBy: actorName(ctx.actor) }
  return viewOf(
    ctx,
    move(ctx, row, 'refuse', { ...answer, refusalReason: isLawful(reason) ? reason : null }, { reason }),
  )
}
