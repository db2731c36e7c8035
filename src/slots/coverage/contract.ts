import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { id } from '../../edge/schemas.ts'
import { weekInterval } from '../../kernel/civil.ts'
import { HALVES } from './vocabulary.ts'

const tag = 'Couverture'

/** An ISO week that exists: which weeks do is the same in every zone. */
const week = z
  .string()
  // The calendar is asked only about what looks like a week of these centuries: it goes no further than the year 9999.
  .regex(/^2[01]\d\d-W(?:0[1-9]|[1-4]\d|5[0-3])$/, {
    error: 'Semaine ISO attendue : AAAA-Wnn',
    abort: true,
  })
  .refine((typed) => weekInterval(typed, 'Europe/Paris') !== undefined, 'Cette semaine n’existe pas')
  .openapi({ example: '2026-W48' })

const weekOut = z.string().openapi({ example: '2026-W48' })

const half = z.enum(HALVES)

const Wish = z.strictObject({ weekday: z.int().min(1).max(7), half, places: z.int().min(0).max(1_000) })

const CoveragePlan = z.strictObject({ wanted: z.array(Wish) }).openapi('CoveragePlan')

const CoverageItem = z
  .strictObject({
    date: z
      .string()
      .regex(/^\d{4}-\d\d-\d\d$/)
      .openapi({ format: 'date', example: '2026-11-23' }),
    half,
    wanted: z.int(),
    open: z.int().openapi({ description: 'Places libres des créneaux qui commencent dans la demi-journée' }),
    booked: z.int().openapi({ description: 'Places prises de ces créneaux' }),
    missing: z.int(),
    couldFill: z
      .array(
        z.strictObject({ practitionerId: id('practitioner'), name: z.string(), load: z.number().nullable() }),
      )
      .optional()
      .openapi({
        description:
          'Membres sans créneau dans la demi-journée, du moins au plus chargé ; présent s’il manque des places et que la demi-journée n’est pas finie',
      }),
  })
  .openapi('CoverageItem')

const communityParams = z.object({ id: id('community') })

export const setCoveragePlan = operation({
  id: 'setCoveragePlan',
  method: 'put',
  path: '/communities/{id}/coverage-plan',
  tag,
  summary: 'Fixer les places voulues par demi-journée de la semaine',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  params: communityParams,
  body: z.strictObject({
    wanted: z
      .array(Wish)
      .max(14)
      .refine(
        (wanted) => new Set(wanted.map((wish) => `${wish.weekday}${wish.half}`)).size === wanted.length,
        'Une demi-journée ne figure qu’une fois',
      ),
  }),
  success: { status: 200, schema: CoveragePlan },
  refusals: ['not_found'],
})

export const getCoveragePlan = operation({
  id: 'getCoveragePlan',
  method: 'get',
  path: '/communities/{id}/coverage-plan',
  tag,
  summary: 'Places voulues par demi-journée de la semaine',
  roles: ['admin', 'coordinator'],
  effect: 'read',
  params: communityParams,
  success: { status: 200, schema: CoveragePlan },
  refusals: ['not_found'],
})

export const getCoverage = operation({
  id: 'getCoverage',
  method: 'get',
  path: '/communities/{id}/coverage',
  tag,
  summary: 'Places voulues, libres, prises et manquantes d’une semaine, et qui pourrait combler',
  roles: ['admin', 'coordinator'],
  effect: 'read',
  params: communityParams,
  query: z.strictObject({ week: week.optional() }),
  success: {
    status: 200,
    schema: z.strictObject({ week: weekOut, items: z.array(CoverageItem).length(14) }),
  },
  refusals: ['not_found'],
})

export const getCounters = operation({
  id: 'getCounters',
  method: 'get',
  path: '/practitioners/{id}/counters',
  tag,
  summary: 'Temps ouvert et actes régulés d’un praticien dans une semaine',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'read',
  params: z.object({ id: id('practitioner') }),
  query: z.strictObject({ week: week.optional() }),
  success: {
    status: 200,
    schema: z
      .strictObject({
        week: weekOut,
        openMinutes: z.int(),
        targetMinutes: z.int(),
        regulatedActs: z.int(),
        regulatedActsCap: z.int(),
      })
      .openapi('Counters'),
  },
  refusals: ['not_found'],
})
