import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import { formatInstant } from '../../kernel/civil.ts'
import type { Instant } from '../../kernel/time.ts'
import { TO_QUALIFY } from '../vocabulary.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const requestOut = (ctx: Ctx, view: actions.RequestView) => {
  const { row } = view
  const at = (instant: Instant) => formatInstant(instant, ctx.territory.zone)
  const when = <K extends string>(key: K, instant: Instant | null) =>
    (instant === null ? {} : { [key]: at(instant) }) as Partial<Record<K, string>>
  return {
    id: row.id,
    communityId: row.communityId,
    source: row.source,
    state: row.state,
    stateSince: at(row.stateSince),
    class: row.class ?? (TO_QUALIFY as typeof TO_QUALIFY),
    total: row.total,
    points: row.points.map((line) => ({ ...line })),
    rulesVersion: row.rulesVersion,
    lacking: view.lacking.map((lack) => ({ ...lack })),
    waitingSince: at(row.waitingSince),
    weeksWaiting: view.weeks,
    commune: row.insee,
    household: row.household,
    needs: { ...row.needs },
    ...(row.maxKm === null ? {} : { maxKm: row.maxKm }),
    ...(row.alreadySeenBy === null ? {} : { alreadySeenBy: row.alreadySeenBy }),
    ...(view.alreadySeenPractitionerId === undefined
      ? {}
      : { alreadySeenPractitionerId: view.alreadySeenPractitionerId }),
    consent: {
      at: at(row.consentAt),
      means: row.consentMeans,
      recordedBy: row.consentBy,
      ...when('revokedAt', row.consentRevokedAt),
    },
    refusals: row.refusals,
    ...when('escalatedAt', row.escalatedAt),
    ...(row.withdrawalReason === null ? {} : { withdrawalReason: row.withdrawalReason }),
    ...when('closedAt', row.closedAt),
    ...when('eraseAfter', row.eraseAfter),
    ...when('erasedAt', row.erasedAt),
    ...(view.warnings.length === 0 ? {} : { warnings: [...view.warnings] }),
    ...(view.duplicates.length === 0 ? {} : { duplicates: [...view.duplicates] }),
    createdAt: at(row.createdAt),
    version: row.version,
    members: view.members.map(({ number, flags, consentAt, consentMeans, consentBy }) => ({
      number,
      flags: { ...flags },
      ...(consentAt === null || consentMeans === null || consentBy === null
        ? {}
        : { consent: { at: at(consentAt), means: consentMeans, recordedBy: consentBy } }),
    })),
    ...(view.left.length === 0
      ? {}
      : {
          left: view.left.flatMap(({ number, leftAt, leftReason }) =>
            leftAt === null || leftReason === null ? [] : [{ number, at: at(leftAt), reason: leftReason }],
          ),
        }),
  }
}

export const contactOut = (ctx: Ctx, contact: actions.ContactRow) => ({
  at: formatInstant(contact.at, ctx.territory.zone),
  by: contact.actor,
  channel: contact.channel,
  reached: contact.reached,
  ...(contact.proposalId === null ? {} : { proposalId: contact.proposalId }),
})

const detailOut = (ctx: Ctx, { view, contacts, revealed }: actions.RequestDetail) => {
  const { members, ...shown } = requestOut(ctx, view)
  const { lat, lon } = view.row
  return {
    ...shown,
    members: members.map((member) => {
      const consentBy = revealed?.joinedBy.get(member.number)
      return {
        ...member,
        ...revealed?.members.find(({ number }) => number === member.number),
        ...(consentBy === undefined ? {} : { consentBy }),
      }
    }),
    ...(revealed === undefined || lat === null || lon === null ? {} : { position: { lat, lon } }),
    ...(revealed === undefined ? {} : { contact: { ...revealed.contact } }),
    ...(revealed?.consentBy === undefined ? {} : { consentBy: revealed.consentBy }),
    contacts: contacts.map((contact) => contactOut(ctx, contact)),
  }
}

export const requestRoutes = (api: Api): void => {
  api.on(contract.listRequests, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listRequests(ctx, query, after, limit),
      limit,
      ({ row }) => row.id,
      (view) => requestOut(ctx, view),
    )
  })
  api.on(contract.getRequest, (ctx, { params }) => detailOut(ctx, actions.getDetail(ctx, params.id)))
}
