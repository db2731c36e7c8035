import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, localDate, localDateTime } from '../../../edge/schemas.ts'
import { getLocalDateTime } from '../../../kernel/civil.ts'
import { offerFields } from '../../contract.ts'
import { minutes, params, publishers, tag } from '../contract.ts'
import { EDIT_SCOPES } from './vocabulary.ts'

const clock = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
  .transform((typed) => getLocalDateTime(`2000-01-01T${typed}`))

const Change = z
  .strictObject({
    ...offerFields,
    minAge: offerFields.minAge.nullable(),
    maxAge: offerFields.maxAge.nullable(),
    release: z.union([offerFields.release.unwrap(), z.null()]).optional(),
    siteId: id('site').optional(),
    localStart: z.union([clock, localDateTime]).optional().openapi({
      description:
        'HH:mm, ou AAAA-MM-JJTHH:mm dont seule l’heure compte : les dates sont celles de la règle.',
    }),
    durationMinutes: minutes.optional(),
    slotMinutes: minutes.optional(),
    rrule: z.string().min(1).max(2_000).optional(),
    exdates: z
      .array(localDate)
      .max(400)
      .optional()
      .openapi({ description: 'Dates à exclure en plus de celles qui le sont déjà.' }),
    skipHolidays: z.boolean().optional(),
    cancelled: z.literal(true).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'Aucun changement')
  .refine((change) => change.cancelled === undefined || Object.keys(change).length === 1, {
    message: 'cancelled ne va avec aucun autre changement',
    path: ['cancelled'],
  })

const SeriesEdit = z
  .strictObject({
    scope: z.enum(EDIT_SCOPES),
    from: localDate.optional(),
    change: Change,
    dryRun: z.boolean().optional(),
  })
  .refine((edit) => edit.scope === 'all' || edit.from !== undefined, {
    message: 'from est requis avec this et following',
    path: ['from'],
  })
  .refine((edit) => edit.scope === 'this' || edit.change.cancelled === undefined, {
    message: 'cancelled ne va qu’avec this',
    path: ['change', 'cancelled'],
  })
  .refine(
    ({ scope, change }) =>
      scope !== 'this' ||
      (change.rrule === undefined && change.exdates === undefined && change.skipHolidays === undefined),
    { message: 'rrule, exdates et skipHolidays ne vont pas avec this', path: ['change'] },
  )

export const editSeries = operation({
  id: 'editSeries',
  method: 'post',
  path: '/series/{id}/edit',
  tag,
  summary: 'Modifier une occurrence, les suivantes ou toutes celles à venir ; ce qui est réservé reste',
  description:
    'this : l’occurrence de la date quitte la série. following, all : la série se termine et une autre la continue (seriesId, nul si dryRun). created et removed comptent des créneaux.',
  roles: publishers,
  effect: 'mutate',
  params,
  body: SeriesEdit,
  success: {
    status: 200,
    schema: z.strictObject({
      seriesId: id('series').nullable(),
      created: z.int(),
      removed: z.int(),
      keptBooked: z.array(id('slot')),
    }),
  },
  refusals: [
    'not_found',
    'series_ended',
    'no_occurrence',
    'slot_started',
    'invalid_interval',
    'invalid_rrule',
    'slot_overlap',
    'too_many_slots',
  ],
})
