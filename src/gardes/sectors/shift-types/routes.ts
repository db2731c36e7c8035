import type { Api } from '../../../edge/http.ts'
import { listOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const shiftTypeOut = (type: actions.ShiftTypeRow) => ({
  code: type.code,
  label: type.label,
  rrule: type.rrule,
  localStart: actions.clockOf(type.startMinute),
  localEnd: actions.endClockOf(type.startMinute, type.durationMinutes),
  durationMinutes: type.durationMinutes,
  dayTypes: type.dayTypes,
  category: type.category,
  headcount: type.headcount,
  role: type.role,
  ...(type.slotTemplate
    ? { slotTemplate: { ...type.slotTemplate, audiences: [...type.slotTemplate.audiences] } }
    : {}),
  validFrom: type.validFrom,
  validTo: type.validTo,
})

export const shiftTypeRoutes = (api: Api): void => {
  api.on(contract.setShiftTypes, (ctx, { params, body, ifMatch }) =>
    listOut(actions.setShiftTypes(ctx, params.id, body, ifMatch), shiftTypeOut),
  )
  api.on(contract.listShiftTypes, (ctx, { params }) =>
    listOut(actions.listShiftTypes(ctx, params.id), shiftTypeOut),
  )
}
