import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import { formatInstant } from '../../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const intakeOut = (ctx: Ctx, { practitionerId, intake, version, actor, createdAt }: actions.IntakeView) => ({
  practitionerId,
  open: intake.open,
  perRun: intake.perRun,
  perMonth: intake.perMonth,
  patientele: intake.patientele,
  patienteleCeiling: intake.patienteleCeiling,
  ...(intake.minAge === null ? {} : { minAge: intake.minAge }),
  ...(intake.maxAge === null ? {} : { maxAge: intake.maxAge }),
  homeVisits: intake.homeVisits,
  languages: [...intake.languages],
  wheelchair: intake.wheelchair,
  maxKm: intake.maxKm,
  ...(intake.maxAldPerRun === null ? {} : { maxAldPerRun: intake.maxAldPerRun }),
  ...(intake.maxHomeVisitsPerRun === null ? {} : { maxHomeVisitsPerRun: intake.maxHomeVisitsPerRun }),
  ...(intake.sex === null ? {} : { sex: intake.sex }),
  share: intake.share,
  ...(intake.absentUntil === null ? {} : { absentUntil: intake.absentUntil }),
  ...(intake.leavingOn === null ? {} : { leavingOn: intake.leavingOn }),
  setAt: formatInstant(createdAt, ctx.territory.zone),
  setBy: actor,
  version,
})

export const intakeRoutes = (api: Api): void => {
  api.on(contract.setIntake, (ctx, { params, body, ifMatch }) =>
    intakeOut(ctx, actions.setIntake(ctx, params.id, body, ifMatch)),
  )
  api.on(contract.getIntake, (ctx, { params }) => intakeOut(ctx, actions.getIntake(ctx, params.id)))
  api.on(contract.listIntakes, (ctx, { params, query }) => {
    const { limit, after } = pageOf(query)
    const before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(after)
    return paged(
      actions.listIntakes(ctx, params.id, before, limit),
      limit,
      ({ version }) => String(version),
      (row) => intakeOut(ctx, row),
    )
  })
}
