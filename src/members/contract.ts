import { z } from '@hono/zod-openapi'
import { operation } from '../edge/operation.ts'
import {
  CURSORS,
  finess,
  id,
  insee,
  lat,
  localDate,
  lon,
  page,
  pageQuery,
  phoneIn,
  phoneOut,
  placeFields,
  postalCode,
  siret,
  text,
} from '../edge/schemas.ts'
import { ROLES } from '../kernel/ctx.ts'

const tag = 'Membres'

const communeFields = {
  insee,
  name: text(80),
  postalCode,
  population: z.int().min(0).max(5_000_000),
  lat,
  lon,
}

const Commune = z
  .strictObject({ ...communeFields, name: z.string(), communityId: id('community').nullable() })
  .openapi('Commune')

const CommunityFields = z.strictObject({
  name: text(120),
  finess: finess.optional(),
  communes: z.array(insee).min(1).max(400),
  population: z.int().min(0).max(5_000_000).optional(),
  phone: phoneIn.optional(),
  contractStart: localDate.optional(),
})

const Community = z
  .strictObject({
    id: id('community'),
    name: z.string(),
    finess: finess.nullable(),
    communes: z.array(insee),
    population: z.int(),
    size: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
    phone: phoneOut.nullable(),
    contractStart: z.string().nullable(),
    version: z.int(),
  })
  .openapi('Community')

const PROFESSIONS = ['GP', 'nurse', 'midwife', 'physiotherapist', 'dentist', 'pharmacist', 'other'] as const

const SiteInput = z.strictObject({
  name: text(120),
  line: text(160),
  ...placeFields,
  finess: finess.optional(),
  siret: siret.optional(),
  wheelchair: z.boolean().optional(),
})

export const Site = z
  .strictObject({
    id: id('site'),
    practitionerId: id('practitioner'),
    name: z.string(),
    line: z.string(),
    postalCode,
    city: z.string(),
    insee,
    lat,
    lon,
    phone: phoneOut,
    finess: finess.nullable(),
    siret: siret.nullable(),
    wheelchair: z.boolean(),
  })
  .openapi('Site')

const Practitioner = z
  .strictObject({
    id: id('practitioner'),
    rpps: z.string(),
    family: z.string(),
    given: z.string(),
    profession: z.enum(PROFESSIONS),
    communityIds: z.array(id('community')),
    specialties: z.array(z.string()),
    sites: z.array(Site),
    acceptsOverbooking: z.boolean(),
    weeklyTargetMinutes: z.int(),
    version: z.int(),
  })
  .openapi('Practitioner')

const practitionerFields = {
  family: text(80),
  given: text(80),
  profession: z.enum(PROFESSIONS),
  communityIds: z.array(id('community')).max(20),
  specialties: z.array(text(80)).max(20).optional(),
  acceptsOverbooking: z.boolean().optional(),
  weeklyTargetMinutes: z.int().min(0).max(3_600).optional(),
}

const communityParams = z.object({ id: id('community') })
const practitionerParams = z.object({ id: id('practitioner') })

export const listCommunes = operation({
  id: 'listCommunes',
  method: 'get',
  path: '/communes',
  tag,
  summary: 'Communes du territoire',
  roles: ROLES,
  effect: 'read',
  query: z.strictObject(pageQuery(CURSORS.insee)),
  success: { status: 200, schema: page(Commune) },
  refusals: [],
})

export const loadCommunes = operation({
  id: 'loadCommunes',
  method: 'put',
  path: '/communes',
  tag,
  summary: 'Ajouter ou corriger des communes',
  roles: ['admin'],
  effect: 'mutate',
  body: z.strictObject({ items: z.array(z.strictObject(communeFields)).min(1).max(400) }),
  success: { status: 204 },
  refusals: [],
})

export const createCommunity = operation({
  id: 'createCommunity',
  method: 'post',
  path: '/communities',
  tag,
  summary: 'Créer une CPTS',
  roles: ['admin'],
  effect: 'mutate',
  body: CommunityFields,
  success: { status: 201, schema: Community },
  refusals: ['commune_taken', 'unknown_commune', 'finess_taken'],
})

export const listCommunities = operation({
  id: 'listCommunities',
  method: 'get',
  path: '/communities',
  tag,
  summary: 'CPTS du territoire',
  roles: ROLES,
  effect: 'read',
  query: z.strictObject(pageQuery(CURSORS.id('community'))),
  success: { status: 200, schema: page(Community) },
  refusals: [],
})

export const getCommunity = operation({
  id: 'getCommunity',
  method: 'get',
  path: '/communities/{id}',
  tag,
  summary: 'Une CPTS',
  roles: ROLES,
  effect: 'read',
  params: communityParams,
  success: { status: 200, schema: Community },
  refusals: ['not_found'],
})

export const updateCommunity = operation({
  id: 'updateCommunity',
  method: 'patch',
  path: '/communities/{id}',
  tag,
  summary: 'Modifier une CPTS',
  roles: ['admin'],
  effect: 'mutate',
  params: communityParams,
  body: CommunityFields.partial().extend({
    finess: finess.nullable().optional(),
    phone: phoneIn.nullable().optional(),
    contractStart: localDate.nullable().optional(),
  }),
  success: { status: 200, schema: Community },
  refusals: ['not_found', 'stale_version', 'commune_taken', 'unknown_commune', 'finess_taken'],
})

export const createPractitioner = operation({
  id: 'createPractitioner',
  method: 'post',
  path: '/practitioners',
  tag,
  summary: 'Inscrire un praticien',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  body: z.strictObject({
    rpps: text(20).openapi({ example: '10001234566', description: '11 chiffres, clé de Luhn' }),
    ...practitionerFields,
    sites: z.array(SiteInput).min(1).max(10),
  }),
  success: { status: 201, schema: Practitioner },
  refusals: ['invalid_rpps', 'rpps_taken', 'not_found'],
})

export const listPractitioners = operation({
  id: 'listPractitioners',
  method: 'get',
  path: '/practitioners',
  tag,
  summary: 'Praticiens du territoire',
  roles: ROLES,
  effect: 'read',
  query: z.strictObject({
    ...pageQuery(CURSORS.id('practitioner')),
    community: id('community').optional(),
    commune: insee.optional(),
  }),
  success: { status: 200, schema: page(Practitioner) },
  refusals: [],
})

export const getPractitioner = operation({
  id: 'getPractitioner',
  method: 'get',
  path: '/practitioners/{id}',
  tag,
  summary: 'Un praticien',
  roles: ROLES,
  effect: 'read',
  params: practitionerParams,
  success: { status: 200, schema: Practitioner },
  refusals: ['not_found'],
})

export const updatePractitioner = operation({
  id: 'updatePractitioner',
  method: 'patch',
  path: '/practitioners/{id}',
  tag,
  summary: 'Modifier un praticien',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'mutate',
  params: practitionerParams,
  body: z.strictObject(practitionerFields).partial(),
  success: { status: 200, schema: Practitioner },
  refusals: ['not_found', 'stale_version'],
})

export const addSite = operation({
  id: 'addSite',
  method: 'post',
  path: '/practitioners/{id}/sites',
  tag,
  summary: 'Ajouter un cabinet',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'mutate',
  params: practitionerParams,
  body: SiteInput,
  success: { status: 201, schema: Site },
  refusals: ['not_found'],
})
