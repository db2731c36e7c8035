import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import {
  CURSORS,
  id,
  instantOut,
  localDate,
  page,
  pageQuery,
  phoneOut,
  queryInteger,
} from '../../edge/schemas.ts'
import { CATEGORIES, ROTA_KINDS, SHIFT_ROLES } from '../vocabulary.ts'
import { ROTA_STATES, ROTA_WARNINGS, VERSION_REASONS } from './vocabulary.ts'

export const tag = 'Gardes'

export const ROTA_READERS = ['admin', 'coordinator', 'practitioner', 'regulator', 'auditor'] as const

const dateOut = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/)
  .openapi({ format: 'date', example: '2027-01-04' })
const localOut = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/)
  .openapi({ example: '2027-01-04T20:00' })

export const rotaFields = {
  id: id('rota'),
  sectorId: id('sector'),
  kind: z.enum(ROTA_KINDS),
  from: dateOut,
  to: dateOut,
  exceptional: z.boolean(),
  state: z.enum(ROTA_STATES),
  shifts: z.int(),
  places: z.int(),
  empty: z.int().openapi({ description: 'Places que personne ne tient.' }),
  version: z.int(),
}

const Rota = z.strictObject(rotaFields).openapi('Rota')

const RotaStep = z
  .strictObject({
    from: z.enum(ROTA_STATES),
    to: z.enum(ROTA_STATES),
    at: instantOut,
    by: z.string(),
    note: z.string().optional(),
    warnings: z.array(z.enum(ROTA_WARNINGS)),
  })
  .openapi('RotaStep')

export const placeOutFields = {
  place: z.int(),
  titulaireId: id('practitioner').nullable(),
  executantId: id('practitioner').optional(),
  outside: z.strictObject({ name: z.string(), rpps: z.string().optional() }).optional(),
  phone: phoneOut.optional(),
  locked: z.boolean(),
  override: z.string().optional(),
  version: z.int(),
}

const Shift = z
  .strictObject({
    id: id('shift'),
    rotaId: id('rota'),
    code: z.string(),
    label: z.string(),
    category: z.enum(CATEGORIES),
    grandeFete: z.boolean(),
    role: z.enum(SHIFT_ROLES),
    start: instantOut,
    end: instantOut,
    localStart: localOut,
    localEnd: localOut,
    hours: z.number(),
    places: z.array(z.strictObject(placeOutFields)),
  })
  .openapi('Shift')

export const params = z.object({ id: id('rota') })

export const createRota = operation({
  id: 'createRota',
  method: 'post',
  path: '/rotas',
  tag,
  summary: 'Créer un tableau avec ses gardes, toutes à pourvoir',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  body: z.strictObject({
    sectorId: id('sector'),
    from: localDate,
    to: localDate,
    exceptional: z.boolean().optional(),
  }),
  success: { status: 201, schema: Rota },
  refusals: ['not_found', 'invalid_interval', 'rota_too_short', 'rota_overlap'],
})

export const listRotas = operation({
  id: 'listRotas',
  method: 'get',
  path: '/rotas',
  tag,
  summary: 'Les tableaux que l’on peut voir',
  roles: ROTA_READERS,
  effect: 'read',
  query: z.strictObject({
    ...pageQuery(CURSORS.id('rota')),
    sector: id('sector').optional(),
    state: z.enum(ROTA_STATES).optional(),
  }),
  success: { status: 200, schema: page(Rota) },
  refusals: [],
})

export const getRota = operation({
  id: 'getRota',
  method: 'get',
  path: '/rotas/{id}',
  tag,
  summary: 'Un tableau et son histoire',
  roles: ROTA_READERS,
  effect: 'read',
  params,
  success: {
    status: 200,
    schema: z
      .strictObject({ ...rotaFields, history: z.array(RotaStep).optional() })
      .openapi('RotaWithHistory'),
  },
  refusals: ['not_found'],
})

export const deleteRota = operation({
  id: 'deleteRota',
  method: 'delete',
  path: '/rotas/{id}',
  tag,
  summary: 'Supprimer un brouillon',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  params,
  success: { status: 204 },
  refusals: ['not_found', 'invalid_transition'],
})

export const listShifts = operation({
  id: 'listShifts',
  method: 'get',
  path: '/rotas/{id}/shifts',
  tag,
  summary: 'Les gardes d’un tableau et qui les tient',
  roles: ROTA_READERS,
  effect: 'read',
  params,
  query: z.strictObject(pageQuery(CURSORS.start)),
  success: { status: 200, schema: page(Shift) },
  refusals: ['not_found'],
})

const versionFields = {
  number: z.int(),
  at: instantOut,
  by: z.string(),
  reason: z.enum(VERSION_REASONS),
}

export const listVersions = operation({
  id: 'listRotaVersions',
  method: 'get',
  path: '/rotas/{id}/versions',
  tag,
  summary: 'Les versions publiées d’un tableau',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'read',
  params,
  query: z.strictObject(pageQuery(CURSORS.seq)),
  success: { status: 200, schema: page(z.strictObject(versionFields).openapi('RotaVersion')) },
  refusals: ['not_found'],
})

/** Somebody on the rota: an id, or a name from outside. */
const somebody = z.string().nullable()

export const PlaceChange = z
  .strictObject({ shiftId: id('shift'), place: z.int(), from: somebody, to: somebody })
  .openapi('PlaceChange')

export const getVersion = operation({
  id: 'getRotaVersion',
  method: 'get',
  path: '/rotas/{id}/versions/{number}',
  tag,
  summary: 'Une version, et ce qui la sépare de la précédente',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'read',
  params: params.extend({ number: queryInteger(1, 999_999_999) }),
  success: {
    status: 200,
    schema: z
      .strictObject({
        ...versionFields,
        places: z.array(
          z.strictObject({
            shiftId: id('shift'),
            place: z.int(),
            titulaireId: id('practitioner').nullable(),
            executant: somebody,
          }),
        ),
        changes: z.array(PlaceChange),
      })
      .openapi('RotaVersionWithChanges'),
  },
  refusals: ['not_found'],
})
