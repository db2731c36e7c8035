import { z } from '@hono/zod-openapi'
import { link, operation } from '../edge/operation.ts'
import { CURSORS, id, instantOut, page, pageQuery } from '../edge/schemas.ts'
import { FEED_KINDS } from './vocabulary.ts'

const tag = 'Flux d’agenda'

const fields = {
  id: id('feed'),
  kind: z.enum(FEED_KINDS),
  sectorId: id('sector').optional(),
  createdAt: instantOut,
}

const Feed = z.strictObject({ ...fields, practitionerId: id('practitioner').optional() }).openapi('Feed')

const FeedSecret = z
  .strictObject({
    ...fields,
    url: z
      .string()
      .regex(/^\/[0-9A-Z]{2,3}\/v1\/feeds\/[A-Za-z0-9_-]{43}\.ics$/)
      .openapi({ example: '/92/v1/feeds/1k2JmJ0cS3Vb8yqD6mXh0w5tq9Zr7uLe4aNfGpKoTiA.ics' }),
  })
  .openapi('FeedSecret', {
    description: 'L’adresse, sans l’hôte, n’est montrée que cette fois ; qui la connaît lit le flux.',
  })

export const createFeed = operation({
  id: 'createFeed',
  method: 'post',
  path: '/feeds',
  tag,
  summary: 'Ouvrir un flux iCalendar de ses créneaux, de ses gardes, ou des gardes d’un secteur',
  description:
    'my-slots et my-shifts : d’un praticien, par sa clé. sector : qui est de garde, avec nom et téléphone, pour ses coordinateurs, sa liste et la régulation ; le flux se ferme quand ce droit cesse.',
  roles: ['admin', 'coordinator', 'practitioner', 'regulator'],
  effect: 'mutate',
  body: z
    .strictObject({ kind: z.enum(FEED_KINDS), sectorId: id('sector').optional() })
    .refine((body) => (body.kind === 'sector') === (body.sectorId !== undefined), {
      message: 'Un flux de secteur dit lequel, et lui seul',
      path: ['sectorId'],
    }),
  success: { status: 201, schema: FeedSecret },
  refusals: ['too_many_feeds', 'invalid_key_scope', 'not_found'],
})

export const listFeeds = operation({
  id: 'listFeeds',
  method: 'get',
  path: '/feeds',
  tag,
  summary: 'Lister ses flux ouverts, sans leur adresse',
  roles: ['admin', 'coordinator', 'practitioner', 'regulator'],
  effect: 'read',
  query: z.strictObject(pageQuery(CURSORS.id('feed'))),
  success: { status: 200, schema: page(Feed) },
  refusals: [],
})

export const revokeFeed = operation({
  id: 'revokeFeed',
  method: 'delete',
  path: '/feeds/{id}',
  tag,
  summary: 'Révoquer un flux',
  roles: ['admin', 'coordinator', 'practitioner', 'regulator'],
  effect: 'mutate',
  params: z.object({ id: id('feed') }),
  success: { status: 204 },
  refusals: ['not_found'],
})

export const readFeed = link({
  id: 'readFeed',
  path: '/feeds/{secret}.ics',
  tag,
  summary: 'Lire un flux, par le secret de son adresse',
  description:
    'Un VEVENT par créneau ou par place de garde publiée, en UTC, de 30 jours en arrière à tout ce qui est à venir ; aucune donnée de patient. ' +
    'Inconnu, révoqué, ou fait par une clé révoquée ou qui n’a plus ce droit : la même réponse.',
  mediaType: 'text/calendar',
  fileName: 'urgence-du-jour.ics',
  secret: /^[A-Za-z0-9_-]{43}$/,
})
