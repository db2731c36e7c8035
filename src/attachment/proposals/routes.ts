import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import { formatInstant } from '../../kernel/civil.ts'
import type { Flag } from '../vocabulary.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const proposalOut = (ctx: Ctx, view: actions.ProposalView) => {
  const { row, request, revealed } = view
  const at = (instant: typeof row.createdAt) => formatInstant(instant, ctx.territory.zone)
  const { needs } = request
  const closedAt = row.closedAt ?? (view.state === 'expired' ? row.answerBy : null)
  return {
    id: row.id,
    allocationId: row.allocationId,
    requestId: row.requestId,
    communityId: row.communityId,
    practitionerId: row.practitionerId,
    state: view.state,
    class: row.class,
    km: row.km,
    people: row.members.length,
    ageBands: [...view.ageBands],
    aldCount: view.aldCount,
    commune: { insee: request.insee, name: request.commune },
    needs: {
      homeVisit: needs.homeVisit,
      wheelchair: needs.wheelchair,
      ...(needs.language === null ? {} : { language: needs.language }),
      ...(needs.doctorSex === null ? {} : { doctorSex: needs.doctorSex }),
    },
    household: request.household,
    householdSize: view.size,
    sentAt: at(row.createdAt),
    answerBy: at(row.answerBy),
    ...(row.remindedAt === null ? {} : { remindedAt: at(row.remindedAt) }),
    ...(row.answeredAt === null ? {} : { answeredAt: at(row.answeredAt) }),
    ...(row.refusalReason === null ? {} : { refusalReason: row.refusalReason }),
    contacts: view.contacts.map((contact) => ({
      at: at(contact.at),
      channel: contact.channel,
      reached: contact.reached,
    })),
    ...(row.declaredOn === null ? {} : { declaredOn: row.declaredOn }),
    ...(closedAt === null ? {} : { closedAt: at(closedAt) }),
    ...(view.isStale ? { stale: true as const } : {}),
    ...(revealed === undefined
      ? {}
      : {
          patients: {
            contact: revealed.contact,
            members: revealed.members.map((member) => ({
              ...member,
              flags: [...(revealed.flags.get(member.number) ?? [])] as Flag[],
            })),
          },
        }),
    version: row.version,
  }
}

export const proposalRoutes = (api: Api): void => {
  api.on(contract.listProposals, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listProposals(ctx, query, after, limit),
      limit,
      ({ id }) => id,
      ({ show }) => proposalOut(ctx, show()),
    )
  })
  api.on(contract.getProposal, (ctx, { params }) => proposalOut(ctx, actions.getProposal(ctx, params.id)))
  api.on(contract.acceptProposal, (ctx, { params, ifMatch }) =>
    proposalOut(ctx, actions.acceptProposal(ctx, params.id, ifMatch)),
  )
  api.on(contract.refuseProposal, (ctx, { params, body, ifMatch }) =>
    proposalOut(ctx, actions.refuseProposal(ctx, params.id, body.reason, ifMatch)),
  )
}
