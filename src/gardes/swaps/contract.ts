import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { CURSORS, id, instantOut, page, pageQuery, phoneIn, phoneOut, text } from '../../edge/schemas.ts'
import { SWAP_KINDS, SWAP_STATES } from './vocabulary.ts'

const tag = 'Gardes'

const place = z.int().min(1).max(20)

const Swap = z
  .strictObject({
    id: id('swap'),
    sectorId: id('sector'),
    kind: z.enum(SWAP_KINDS),
    state: z.enum(SWAP_STATES),
    shiftId: id('shift'),
    place: z.int(),
    withShiftId: id('shift').optional(),
    withPlace: z.int().optional(),
    fromPractitionerId: id('practitioner'),
    toPractitionerId: id('practitioner').optional(),
    outside: z.strictObject({ name: z.string(), rpps: z.string(), phone: phoneOut }).optional(),
    reason: z.string().optional(),
    askedBy: z.string(),
    askedAt: instantOut,
    expiresAt: instantOut,
    decidedAt: instantOut.optional(),
    version: z.int(),
  })
  .openapi('Swap')

const SwapInput = z
  .strictObject({
    shiftId: id('shift'),
    place,
    kind: z.enum(SWAP_KINDS),
    withShiftId: id('shift').optional(),
    withPlace: place.optional(),
    toPractitionerId: id('practitioner').optional(),
    outside: z
      .strictObject({
        name: text(120),
        rpps: text(20).openapi({ example: '10001234566', description: '11 chiffres, clé de Luhn' }),
        phone: phoneIn,
      })
      .optional(),
    reason: text(140).optional().openapi({ description: 'D’organisation ; jamais un motif médical.' }),
  })
  .refine((body) => (body.kind === 'swap') === (body.withShiftId !== undefined), {
    message: 'Un échange dit contre quelle garde, et lui seul',
    path: ['withShiftId'],
  })
  .refine((body) => body.kind === 'swap' || body.withPlace === undefined, {
    message: 'Seul un échange dit contre quelle place',
    path: ['withPlace'],
  })
  .refine((body) => body.kind !== 'swap' || body.withShiftId !== body.shiftId, {
    message: 'Un échange se fait contre une autre garde',
    path: ['withShiftId'],
  })
  .refine(
    (body) => {
      const named = Number(body.toPractitionerId !== undefined) + Number(body.outside !== undefined)
      if (body.kind === 'replacement') return named === 1
      if (body.kind === 'swap') return body.outside === undefined
      return body.outside === undefined && (body.kind === 'give') === (body.toPractitionerId !== undefined)
    },
    {
      message:
        'Un don dit à quel praticien ; un remplacement, à quel praticien ou à quelle personne extérieure ; un appel ouvert, à personne',
      path: ['toPractitionerId'],
    },
  )

const roles = ['admin', 'coordinator', 'practitioner'] as const
const params = z.object({ id: id('swap') })

export const askSwap = operation({
  id: 'askSwap',
  method: 'post',
  path: '/swaps',
  tag,
  summary: 'Demander un changement d’un tableau publié',
  description:
    'swap : échanger sa place contre celle d’un autre (withPlace ; à défaut celle de toPractitionerId, sinon la première qui est occupée) ; give : la donner à quelqu’un ; open : l’offrir à toute la liste du secteur, même garde commencée ; replacement : la faire faire par un confrère du territoire, ou par une personne extérieure, qui a déjà accepté. Le titulaire reste ; c’est l’exécutant qui change. Sans suite, la demande expire en 7 jours, et au plus tard au début de la garde (open : à sa fin). Un coordinateur demande pour un confrère empêché.',
  roles,
  effect: 'mutate',
  body: SwapInput,
  success: { status: 201, schema: Swap },
  refusals: ['not_found', 'rule_broken', 'swap_closed', 'invalid_transition', 'invalid_rpps'],
})

export const listSwaps = operation({
  id: 'listSwaps',
  method: 'get',
  path: '/swaps',
  tag,
  summary: 'Les demandes de changement qui me concernent, ou du secteur que je coordonne',
  roles,
  effect: 'read',
  query: z.strictObject({
    ...pageQuery(CURSORS.id('swap')),
    sector: id('sector').optional(),
    state: z.enum(SWAP_STATES).optional(),
  }),
  success: { status: 200, schema: page(Swap) },
  refusals: [],
})

export const getSwap = operation({
  id: 'getSwap',
  method: 'get',
  path: '/swaps/{id}',
  tag,
  summary: 'Une demande de changement',
  roles,
  effect: 'read',
  params,
  success: { status: 200, schema: Swap },
  refusals: ['not_found'],
})

export const acceptSwap = operation({
  id: 'acceptSwap',
  method: 'post',
  path: '/swaps/{id}/accept',
  tag,
  summary: 'Accepter un changement ; le premier prend un appel ouvert',
  roles: ['practitioner'],
  effect: 'mutate',
  params,
  body: z.strictObject({}),
  success: { status: 200, schema: Swap },
  refusals: ['not_found', 'swap_closed', 'rule_broken', 'invalid_transition', 'stale_version'],
})

export const declineSwap = operation({
  id: 'declineSwap',
  method: 'post',
  path: '/swaps/{id}/decline',
  tag,
  summary: 'Décliner un changement, ou ne pas l’approuver',
  roles,
  effect: 'mutate',
  params,
  body: z.strictObject({}),
  success: { status: 200, schema: Swap },
  refusals: ['not_found', 'swap_closed', 'invalid_transition', 'stale_version'],
})

export const approveSwap = operation({
  id: 'approveSwap',
  method: 'post',
  path: '/swaps/{id}/approve',
  tag,
  summary: 'Approuver un changement accepté',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  params,
  body: z.strictObject({}),
  success: { status: 200, schema: Swap },
  refusals: ['not_found', 'swap_closed', 'rule_broken', 'invalid_transition', 'stale_version'],
})

export const cancelSwap = operation({
  id: 'cancelSwap',
  method: 'post',
  path: '/swaps/{id}/cancel',
  tag,
  summary: 'Retirer sa demande de changement',
  roles,
  effect: 'mutate',
  params,
  body: z.strictObject({}),
  success: { status: 200, schema: Swap },
  refusals: ['not_found', 'swap_closed', 'stale_version'],
})
