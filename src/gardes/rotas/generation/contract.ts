import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, instantOut } from '../../../edge/schemas.ts'
import { EQUITY_CLASSES } from '../../vocabulary.ts'
import { PlaceChange } from '../contract.ts'
import { LedgerLine } from '../ledger/contract.ts'
import { GENERATION_STATES, LEVELS, RELIEFS, SHIFT_RULES } from '../vocabulary.ts'
import { LARGEST_SEED, TIME_LIMIT } from './vocabulary.ts'

const tag = 'Gardes'

const Unfilled = z
  .strictObject({
    shiftId: id('shift'),
    place: z.int(),
    text: z.string().openapi({ description: 'Pourquoi personne, en une phrase.' }),
    helps: z.array(z.enum(RELIEFS)),
    helpsText: z.string().nullable(),
    because: z
      .array(
        z.strictObject({
          practitionerId: id('practitioner'),
          name: z.string(),
          rules: z.array(z.enum(SHIFT_RULES)),
          text: z.string(),
        }),
      )
      .openapi({ description: 'Ce qui écarte chacun ; vide au-delà de 2 000 raisons dans une réponse.' }),
  })
  .openapi('UnfilledPlace')

const Generation = z
  .strictObject({
    seed: z.int(),
    filled: z.int(),
    unfilled: z.array(Unfilled),
    ledger: z.array(LedgerLine),
    spread: z
      .array(z.strictObject({ category: z.enum(EQUITY_CLASSES), value: z.number(), bound: z.number() }))
      .openapi({ description: 'Par catégorie, écart des ratios du compte et plus petit écart possible.' }),
    optimal: z
      .boolean()
      .openapi({ description: 'Chaque niveau atteint sa borne : aucun tableau n’est meilleur.' }),
    bound: z.number().openapi({ description: 'Plus petite somme possible des écarts.' }),
    levels: z.array(
      z.strictObject({ name: z.enum(LEVELS), value: z.number(), bound: z.number(), optimal: z.boolean() }),
    ),
    stopped: z
      .boolean()
      .openapi({ description: 'Arrêtée par timeLimitMs ; le meilleur tableau trouvé est rendu.' }),
    changedFrom: z.array(PlaceChange).optional(),
  })
  .openapi('Generation')

const params = z.object({ id: id('rota') })

export const generateRota = operation({
  id: 'generateRota',
  method: 'post',
  path: '/rotas/{id}/generate',
  tag,
  summary: 'Générer le tableau : le pourvoir au mieux, équitablement',
  description:
    'Les places verrouillées ne bougent pas. keepAssigned: false ne garde qu’elles ; sinon ce qui fut placé à la main reste où il peut. timeLimitMs, 60 000 par défaut, rend le meilleur tableau trouvé. Les mêmes données et la même graine donnent le même tableau. Un tableau publié garde ce qui peut l’être ; changedFrom dit ce qui change.',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  params,
  body: z.strictObject({
    seed: z.int().min(0).max(LARGEST_SEED).optional(),
    keepAssigned: z.boolean().optional(),
    timeLimitMs: z.int().min(TIME_LIMIT.least).max(TIME_LIMIT.most).optional(),
  }),
  success: { status: 200, schema: Generation },
  refusals: ['not_found', 'invalid_transition', 'generation_running', 'stale_version'],
})

export const getGeneration = operation({
  id: 'getGeneration',
  method: 'get',
  path: '/rotas/{id}/generation',
  tag,
  summary: 'Où en est la génération, ou ce que la dernière a donné',
  roles: ['admin', 'coordinator'],
  effect: 'read',
  params,
  success: {
    status: 200,
    schema: z
      .strictObject({
        state: z.enum(GENERATION_STATES),
        steps: z.int(),
        planned: z.int(),
        unfilled: z.int(),
        startedAt: instantOut,
        finishedAt: instantOut.optional(),
        result: Generation.optional(),
      })
      .openapi('GenerationProgress'),
  },
  refusals: ['not_found'],
})
