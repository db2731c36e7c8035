import { z } from '@hono/zod-openapi'
import { operation } from '../edge/operation.ts'
import { CURSORS, id, instantIn, instantOut, page, pageQuery, text } from '../edge/schemas.ts'
import { ROLES } from '../kernel/ctx.ts'

const Secret = z
  .strictObject({ id: id('key'), key: z.string().regex(/^udj_/) })
  .openapi('KeySecret', { description: 'La clé n’est montrée que cette fois.' })

const Key = z
  .strictObject({
    id: id('key'),
    role: z.enum(ROLES),
    label: z.string(),
    communityIds: z.array(id('community')),
    practitionerId: id('practitioner').nullable(),
    createdAt: instantOut,
    expiresAt: instantOut.nullable(),
    revokedAt: instantOut.nullable(),
    lastUsedAt: instantOut.nullable(),
    version: z.int(),
  })
  .openapi('Key')

const tag = 'Accès'
const params = z.object({ id: id('key') })

export const createKey = operation({
  id: 'createKey',
  method: 'post',
  path: '/keys',
  tag,
  summary: 'Créer une clé',
  roles: ['admin'],
  effect: 'mutate',
  body: z.strictObject({
    role: z.enum(ROLES),
    label: text(80),
    communityIds: z.array(id('community')).max(50).optional(),
    practitionerId: id('practitioner').optional(),
    expiresAt: instantIn.optional(),
  }),
  success: { status: 201, schema: Secret },
  refusals: ['invalid_key_scope', 'not_found'],
})

export const listKeys = operation({
  id: 'listKeys',
  method: 'get',
  path: '/keys',
  tag,
  summary: 'Lister les clés, sans leur secret',
  roles: ['admin'],
  effect: 'read',
  query: z.strictObject(pageQuery(CURSORS.id('key'))),
  success: { status: 200, schema: page(Key) },
  refusals: [],
})

export const rotateKey = operation({
  id: 'rotateKey',
  method: 'post',
  path: '/keys/{id}/rotate',
  tag,
  summary: 'Renouveler une clé ; l’ancienne reste valable le temps du recouvrement',
  roles: ['admin'],
  effect: 'mutate',
  params,
  body: z.strictObject({ overlapHours: z.int().min(0).max(168).optional() }),
  success: { status: 201, schema: Secret },
  refusals: ['not_found', 'key_revoked'],
})

export const revokeKey = operation({
  id: 'revokeKey',
  method: 'delete',
  path: '/keys/{id}',
  tag,
  summary: 'Révoquer une clé',
  roles: ['admin'],
  effect: 'mutate',
  params,
  success: { status: 204 },
  refusals: ['not_found'],
})
