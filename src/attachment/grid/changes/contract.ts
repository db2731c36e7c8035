import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, instantOut, queryInteger } from '../../../edge/schemas.ts'
import { GRID_RULES } from '../../vocabulary.ts'

const tag = 'Patients sans médecin traitant'

const days = z.int().min(1).max(3_650)
const km = z.number().min(0).max(100)

const GridLine = z.strictObject({ rule: z.enum(GRID_RULES), points: z.int().min(0).max(1_000) })

const thresholds = z.tuple([z.int(), z.int(), z.int(), z.int()]).openapi({
  type: 'array',
  items: { type: 'integer' },
  minItems: 4,
  maxItems: 4,
  example: [60, 40, 25, 10],
  description: 'Points à partir desquels on est en classe 1, 2, 3 et 4 ; strictement décroissants.',
})

const fields = {
  grid: z.array(GridLine).max(50).openapi({
    description:
      'Points de chaque critère vrai ; weeksWaiting : de chaque semaine entière d’attente. Des soins palliatifs placent toujours en classe 1.',
  }),
  classThresholds: thresholds,
  reservedForClass1: z.number().min(0).max(1),
  answerDays: days.openapi({ description: 'Jours pour répondre à une proposition.' }),
  reminderDays: days.openapi({ description: 'Jours avant le rappel ; moins que answerDays.' }),
  maxRefusals: z.int().min(1).max(100),
  maxKm: z.number().positive().max(200),
}

const weeklyRun = z.strictObject({
  weekday: z.int().min(1).max(7),
  at: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'Heure attendue : HH:mm')
    .openapi({ example: '06:00' }),
})

const options = {
  escalationDays: days,
  qualifyReminderDays: days,
  batchWaits: z.boolean(),
  householdRank: z.enum(['most_urgent', 'mean']),
  equityKm: km,
  stabilityKm: km,
  togetherKm: km,
  weeklyRun: weeklyRun.nullable(),
}

const RulesInput = z.strictObject({ ...fields, ...z.strictObject(options).partial().shape })

const Rules = z
  .strictObject({
    communityId: id('community'),
    version: z.int().openapi({ description: '0 : les règles par défaut.' }),
    setAt: instantOut.optional(),
    ...fields,
    ...options,
    weeksToClass1: z.int().nullable().openapi({
      description: 'Semaines après lesquelles chacun est en classe 1 ; null : l’attente seule n’y mène pas.',
    }),
  })
  .openapi('AllocationRules')

const params = z.object({ id: id('community') })
const roles = ['admin', 'coordinator'] as const

export const getRules = operation({
  id: 'getAllocationRules',
  method: 'get',
  path: '/communities/{id}/allocation-rules',
  tag,
  summary: 'Grille de priorité et règles de répartition d’une CPTS, en vigueur ou d’une version',
  roles,
  effect: 'read',
  params,
  query: z.strictObject({ version: queryInteger(0, 1_000_000).optional() }),
  success: { status: 200, schema: Rules },
  refusals: ['not_found'],
})

export const setRules = operation({
  id: 'setAllocationRules',
  method: 'put',
  path: '/communities/{id}/allocation-rules',
  tag,
  summary: 'Fixer la grille de priorité et les règles de répartition d’une CPTS',
  description:
    'Chaque envoi est une nouvelle version, entière : ce qui n’y figure pas prend sa valeur par défaut. Les demandes en cours sont reclassées aussitôt.',
  roles,
  effect: 'mutate',
  params,
  body: RulesInput,
  success: { status: 200, schema: Rules },
  refusals: ['not_found', 'invalid_rules', 'stale_version'],
})
