import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { CURSORS, id, instantOut, page, pageQuery } from '../../edge/schemas.ts'
import { EVENT_TYPES, WEBHOOK_TYPES } from '../vocabulary.ts'

const tag = 'Webhooks'
const roles = ['admin', 'coordinator', 'practitioner', 'regulator'] as const
const params = z.object({ id: id('webhook') })

const types = z
  .array(z.enum(WEBHOOK_TYPES))
  .min(1)
  .max(WEBHOOK_TYPES.length)
  .openapi({ description: 'Types d’événements du journal ; `*` pour tous.' })

const Webhook = z
  .strictObject({
    id: id('webhook'),
    keyId: id('key'),
    url: z.string(),
    types,
    createdAt: instantOut,
    stopped: z
      .boolean()
      .openapi({ description: 'La clé de son auteur n’ouvre plus : rien n’est plus envoyé.' }),
    pending: z.int().openapi({ description: 'Envois encore à faire.' }),
    failed: z.int().openapi({ description: 'Envois abandonnés, à rejouer.' }),
    version: z.int(),
  })
  .openapi('Webhook')

const NewWebhook = z
  .strictObject({ ...Webhook.shape, secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{32}$/) })
  .openapi('NewWebhook', { description: 'Le secret de signature n’est montré que cette fois.' })

const Failure = z
  .strictObject({
    seq: z.int(),
    eventId: id('event'),
    type: z.enum(EVENT_TYPES),
    subject: z.string(),
    attempts: z.int(),
    firstAt: instantOut,
    failedAt: instantOut,
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable(),
  })
  .openapi('WebhookFailure')

export const createWebhook = operation({
  id: 'createWebhook',
  method: 'post',
  path: '/webhooks',
  tag,
  summary: 'Être prévenu des événements à une adresse',
  description:
    'Chaque événement que la clé peut voir au moment de l’envoi est posté en JSON, signé selon Standard Webhooks ' +
    '(webhook-id, webhook-timestamp, webhook-signature), dans l’ordre pour un même objet. Toute réponse 2xx vaut ' +
    'accusé de réception ; sinon l’envoi est retenté pendant 24 h. Un envoi peut arriver deux fois : webhook-id est ' +
    'alors le même.',
  roles,
  effect: 'mutate',
  body: z.strictObject({
    url: z.string().min(1).max(2048).openapi({ example: 'https://agenda.example/urgences' }),
    types,
  }),
  success: { status: 201, schema: NewWebhook },
  refusals: ['invalid_url', 'too_many_webhooks'],
})

export const listWebhooks = operation({
  id: 'listWebhooks',
  method: 'get',
  path: '/webhooks',
  tag,
  summary: 'Ses webhooks ; tous pour un administrateur',
  roles,
  effect: 'read',
  query: z.strictObject(pageQuery(CURSORS.id('webhook'))),
  success: { status: 200, schema: page(Webhook) },
  refusals: [],
})

export const getWebhook = operation({
  id: 'getWebhook',
  method: 'get',
  path: '/webhooks/{id}',
  tag,
  summary: 'Un webhook',
  roles,
  effect: 'read',
  params,
  success: { status: 200, schema: Webhook },
  refusals: ['not_found'],
})

export const deleteWebhook = operation({
  id: 'deleteWebhook',
  method: 'delete',
  path: '/webhooks/{id}',
  tag,
  summary: 'Supprimer un webhook et ses envois en attente',
  roles,
  effect: 'mutate',
  params,
  success: { status: 204 },
  refusals: ['not_found'],
})

export const listFailures = operation({
  id: 'listWebhookFailures',
  method: 'get',
  path: '/webhooks/{id}/failures',
  tag,
  summary: 'Les envois abandonnés, gardés 30 jours',
  roles,
  effect: 'read',
  params,
  query: z.strictObject(pageQuery(CURSORS.seq)),
  success: { status: 200, schema: page(Failure) },
  refusals: ['not_found'],
})

export const replayFailures = operation({
  id: 'replayWebhook',
  method: 'post',
  path: '/webhooks/{id}/replay',
  tag,
  summary: 'Reprendre les envois abandonnés, tous ou ceux de ces numéros, pour 24 h',
  roles,
  effect: 'mutate',
  params,
  body: z.strictObject({ seqs: z.array(z.int().min(1)).min(1).max(200).optional() }),
  success: { status: 200, schema: z.strictObject({ replayed: z.int() }) },
  refusals: ['not_found'],
})
