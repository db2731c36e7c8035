import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, instantOut, localDate } from '../../../edge/schemas.ts'
import { ROLES } from '../../../kernel/ctx.ts'
import { dateOut, tag } from '../contract.ts'

const CalendarDay = z
  .strictObject({
    date: dateOut,
    type: z.enum(['weekday', 'saturday', 'sunday', 'holiday']),
    pont: z.boolean(),
    holiday: z.string().optional(),
    pdsa: z
      .array(z.array(instantOut).length(2))
      .openapi({ description: 'Intervalles de permanence des soins du jour, fin non comprise' }),
  })
  .openapi('CalendarDay')

export const listCalendarDays = operation({
  id: 'listCalendarDays',
  method: 'get',
  path: '/calendar/days',
  tag,
  summary: 'Jours fériés, ponts et heures de permanence des soins',
  description:
    'De from à to compris, 400 jours au plus. Avec sector, selon les choix du secteur : ses ponts sont en PDSA toute la journée.',
  roles: ROLES,
  effect: 'read',
  query: z.strictObject({ from: localDate, to: localDate, sector: id('sector').optional() }),
  success: { status: 200, schema: z.strictObject({ items: z.array(CalendarDay) }) },
  refusals: ['not_found', 'invalid_interval'],
})
