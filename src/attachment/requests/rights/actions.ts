import type { Ctx } from '../../../db/db.ts'
import { toLocalDate } from '../../../kernel/civil.ts'
import { orAbsent, unlessRefused } from '../../../kernel/refusal.ts'
import { getCommunity } from '../../../members/actions.ts'
import { rulesAt } from '../../grid/actions.ts'
import { getDetail } from '../actions.ts'
import { refuseErased } from '../rules.ts'
import { RIGHTS_POLICY, rightsOf, rightsPage, type RightsSection } from './rules.ts'
import * as store from './store.ts'

export interface Rights {
  readonly community: string
  readonly sections: readonly RightsSection[]
}

const nameOf = ({ given, family }: { readonly given: string; readonly family: string }): string =>
  `${given} ${family}`

/**
 * What somebody of a request is told of it, by their number, otherwise the first of the household; writes the access log. Once
 * erased there is nobody to tell.
 */
export const getRights = (ctx: Ctx, id: string, member: number | undefined): Rights => {
  const { view, contacts, revealed } = getDetail(ctx, id)
  const { row } = view
  unlessRefused(refuseErased(row))
  if (!revealed) throw new Error(`${id} is shown to its coordinators`)
  const reader = orAbsent(
    revealed.members.find(({ number }) => member === undefined || number === member),
    'Personne du foyer',
  )
  const { rules } = rulesAt(ctx, row.communityId, row.rulesVersion)
  const { name: community, phone } = getCommunity(ctx, row.communityId)
  const day = (at: typeof row.waitingSince) => toLocalDate(at, ctx.territory.zone)
  return {
    community,
    sections: rightsOf({
      community,
      phone,
      member: reader.number,
      reader: nameOf(reader),
      names: revealed.members.map(nameOf),
      askedOn: day(row.waitingSince),
      consentOn: day(row.consentAt),
      state: row.state,
      class: row.class,
      total: row.total,
      points: row.points,
      lacking: view.lacking,
      weeks: view.weeks,
      contacts: contacts.length,
      proposals: store.countProposals(ctx.db, id),
      rules,
      rulesVersion: row.rulesVersion,
    }),
  }
}

/** The same as a page to print. */
export const printRights = (ctx: Ctx, id: string, member: number | undefined) => {
  const { community, sections } = getRights(ctx, id, member)
  return {
    mediaType: 'text/html' as const,
    text: rightsPage(sections, community, toLocalDate(ctx.now, ctx.territory.zone)),
    headers: {
      'content-disposition': 'inline; filename="demande-medecin-traitant.html"',
      'content-security-policy': RIGHTS_POLICY,
    },
  }
}
