import { z } from '@hono/zod-openapi'
import { operation } from '../edge/operation.ts'
import { CURSORS, instantOut, page, pageQuery } from '../edge/schemas.ts'
import { EVENT_TYPES } from './vocabulary.ts'

const tag = 'Journal'

const Event = z
  .strictObject({
    seq: z.int(),
    id: z.string(),
    type: z.enum(EVENT_TYPES),
    at: instantOut,
    actor: z.string(),
    subject: z.string(),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('Event')

const AuditEntry = z
  .strictObject({ ...Event.shape, practitionerId: z.string().nullable(), prev: z.string(), hash: z.string() })
  .openapi('AuditEntry')

export const listEvents = operation({
  id: 'listEvents',
  method: 'get',
  path: '/events',
  tag,
  summary: 'Ce qui s’est passé, dans l’ordre, sans donnée de patient',
  description:
    'Chaque rôle voit ce qui le concerne. Avec Accept: text/event-stream, les mêmes éléments en flux, puis ceux à venir ; reprise par Last-Event-ID. Une page peut être courte, même vide, avant la fin : next seul dit s’il faut continuer.',
  roles: ['admin', 'coordinator', 'practitioner', 'regulator'],
  effect: 'read',
  query: z.strictObject(pageQuery(CURSORS.seq)),
  success: { status: 200, schema: page(Event) },
  streamed: Event,
  refusals: [],
})

export const readAudit = operation({
  id: 'readAudit',
  method: 'get',
  path: '/audit',
  tag,
  summary: 'Le journal des décisions, chaîné par empreintes',
  roles: ['admin'],
  effect: 'read',
  query: z.strictObject({ ...pageQuery(CURSORS.seq), subject: z.string().min(1).max(64).optional() }),
  success: { status: 200, schema: page(AuditEntry) },
  refusals: [],
})

export const verifyAudit = operation({
  id: 'verifyAudit',
  method: 'get',
  path: '/audit/verify',
  tag,
  summary: 'Vérifier que rien du journal n’a été changé',
  roles: ['admin'],
  effect: 'read',
  success: {
    status: 200,
    schema: z.strictObject({
      ok: z.boolean(),
      count: z.int(),
      head: z.string(),
      brokenAt: z.int().optional(),
    }),
  },
  refusals: [],
})
