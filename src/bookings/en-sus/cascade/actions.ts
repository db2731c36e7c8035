import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { distanceKm } from '../../../kernel/geo.ts'
import { refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import {
  findPractitionerByRpps,
  practitionersAmong,
  sitesNear,
  type CommuneRow,
} from '../../../members/actions.ts'
import { refuseRpps } from '../../../members/rules.ts'
import type { MtAnswer } from '../vocabulary.ts'
import { DEFAULT_RULES, nearestFirst, type Askable, type CascadeRules } from './rules.ts'
import * as store from './store.ts'

export interface RulesView extends CascadeRules {
  /** 0 as long as nobody has set any. */
  readonly version: number
}

export const getRules = (ctx: Ctx): RulesView => {
  const row = store.findRules(ctx.db, ctx.territory.code)
  return row ?? { ...DEFAULT_RULES, version: 0 }
}

/** Sets how requests are asked from now on; those that are being asked keep the waves that they have. */
export const setRules = (ctx: Ctx, rules: CascadeRules, ifMatch: number | undefined): RulesView => {
  const { version } = getRules(ctx)
  unlessRefused(refuseStale(version, ifMatch))
  const { code } = ctx.territory
  store.setRules(ctx.db, { ...rules, territory: code, version: version + 1 })
  append(ctx, { type: 'en_sus_rules.set', subject: code, data: { ...rules } })
  return getRules(ctx)
}

/** GPs who take patients en sus with a site around a commune, nearest first. */
export const askableAround = (ctx: Ctx, commune: CommuneRow, radiusKm: number): Askable[] => {
  const places = nearestFirst(
    sitesNear(ctx, commune, radiusKm).map(({ site, km }) => ({ practitionerId: site.practitionerId, km })),
  )
  const willing = new Set(
    practitionersAmong(
      ctx,
      places.map(({ practitionerId }) => practitionerId),
    )
      .filter(isWilling)
      .map(({ id }) => id),
  )
  return places.filter(({ practitionerId }) => willing.has(practitionerId))
}

const isWilling = (practitioner: { readonly profession: string; readonly acceptsOverbooking: boolean }) =>
  practitioner.profession === 'GP' && practitioner.acceptsOverbooking

/** The patient's own GP, wherever they practise, if they take patients en sus. */
export const askMt = (
  ctx: Ctx,
  commune: CommuneRow,
  rpps: string,
): { answer: MtAnswer; mt: Askable | undefined } => {
  unlessRefused(refuseRpps(rpps, 'medecinTraitantRpps'))
  const practitioner = findPractitionerByRpps(ctx, rpps)
  if (!practitioner) return { answer: 'unknown', mt: undefined }
  if (!isWilling(practitioner)) return { answer: 'not_opted_in', mt: undefined }
  const [mt] = nearestFirst(
    practitioner.sites.map((site) => ({ practitionerId: practitioner.id, km: distanceKm(commune, site) })),
  )
  return { answer: 'asked', mt }
}
