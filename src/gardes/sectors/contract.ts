import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import {
  CURSORS,
  id,
  insee,
  lat,
  localDate,
  lon,
  page,
  pageQuery,
  phoneOut,
  placeFields,
  postalCode,
  text,
} from '../../edge/schemas.ts'
import { ROLES } from '../../kernel/ctx.ts'
import { ROTA_KINDS } from '../vocabulary.ts'

export const tag = 'Gardes'
export const managers = ['admin', 'coordinator'] as const
export const insiders = ['admin', 'coordinator', 'practitioner'] as const

export const dateOut = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/)
  .openapi({ format: 'date', example: '2026-11-23' })

export const codes = <const C extends readonly [string, ...string[]]>(list: C) =>
  z
    .array(z.enum(list))
    .min(1)
    .max(list.length)
    .transform((given) => [...new Set(given)])

const siteFields = { siteName: text(120), address: text(160), ...placeFields }

const limitFields = {
  maxShiftsPer7Days: z.int().min(1).max(21),
  maxShiftsPer28Days: z.int().min(1).max(84),
}

const choiceFields = {
  ...siteFields,
  goodFridayIsHoliday: z
    .boolean()
    .openapi({ description: 'Par défaut comme le territoire : férié dans les 57, 67 et 68 seulement' }),
  ...limitFields,
  validFrom: localDate,
  validTo: localDate,
}

const termFields = {
  name: text(120),
  communes: z.array(insee).min(1).max(400),
  communityIds: z.array(id('community')).min(1).max(20),
}

const decidedFields = {
  pontDays: z
    .strictObject({
      mondayBefore: z.boolean().optional(),
      fridayAfter: z.boolean().optional(),
      saturdayAfter: z.boolean().optional(),
    })
    .openapi({ description: 'Ponts que le secteur fait entrer dans la PDSA ; aucun par défaut' }),
  extraHolidays: z.array(localDate).max(60),
  restHours: z.int().min(0).max(72),
  approvalForSwaps: z.boolean(),
}

const POSITION_IS_WHOLE = {
  test: ({ lat: north, lon: east }: { lat?: number | null | undefined; lon?: number | null | undefined }) =>
    typeof north === typeof east && (north === null) === (east === null),
  error: { message: 'lat et lon vont ensemble', path: ['lon'] },
}

const nullable = <S extends Record<string, z.ZodType>>(fields: S) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.nullable()])) as {
    [K in keyof S]: z.ZodNullable<S[K]>
  }

const SectorInput = z
  .strictObject({
    ...termFields,
    kind: z.enum(ROTA_KINDS).optional(),
    ...z.strictObject({ ...choiceFields, ...decidedFields }).partial().shape,
  })
  .refine(POSITION_IS_WHOLE.test, POSITION_IS_WHOLE.error)

const SectorChange = z
  .strictObject({ ...termFields, ...nullable(choiceFields), ...decidedFields })
  .partial()
  .refine(POSITION_IS_WHOLE.test, POSITION_IS_WHOLE.error)

const Sector = z
  .strictObject({
    id: id('sector'),
    kind: z.enum(ROTA_KINDS),
    name: z.string(),
    communes: z.array(insee),
    communityIds: z.array(id('community')),
    siteName: z.string().nullable(),
    address: z.string().nullable(),
    postalCode: postalCode.nullable(),
    city: z.string().nullable(),
    insee: insee.nullable(),
    lat: lat.nullable(),
    lon: lon.nullable(),
    phone: phoneOut.nullable(),
    goodFridayIsHoliday: z.boolean().nullable(),
    pontDays: z.strictObject({
      mondayBefore: z.boolean(),
      fridayAfter: z.boolean(),
      saturdayAfter: z.boolean(),
    }),
    extraHolidays: z.array(dateOut),
    restHours: z.int(),
    maxShiftsPer7Days: z.int().nullable(),
    maxShiftsPer28Days: z.int().nullable(),
    approvalForSwaps: z.boolean(),
    validFrom: dateOut.nullable(),
    validTo: dateOut.nullable(),
    version: z.int(),
  })
  .openapi('Sector')

export const params = z.object({ id: id('sector') })

export const createSector = operation({
  id: 'createSector',
  method: 'post',
  path: '/sectors',
  tag,
  summary: 'Créer un secteur de garde',
  description:
    'Un secteur n’est pas une CPTS : plusieurs CPTS partagent le même. Leurs coordinations le gèrent toutes.',
  roles: managers,
  effect: 'mutate',
  body: SectorInput,
  success: { status: 201, schema: Sector },
  refusals: ['not_found', 'unknown_commune', 'invalid_interval'],
})

export const listSectors = operation({
  id: 'listSectors',
  method: 'get',
  path: '/sectors',
  tag,
  summary: 'Secteurs du territoire',
  roles: ROLES,
  effect: 'read',
  query: z.strictObject({
    ...pageQuery(CURSORS.id('sector')),
    kind: z.enum(ROTA_KINDS).optional(),
    community: id('community').optional(),
    commune: insee.optional(),
  }),
  success: { status: 200, schema: page(Sector) },
  refusals: [],
})

export const getSector = operation({
  id: 'getSector',
  method: 'get',
  path: '/sectors/{id}',
  tag,
  summary: 'Un secteur',
  roles: ROLES,
  effect: 'read',
  params,
  success: { status: 200, schema: Sector },
  refusals: ['not_found'],
})

export const updateSector = operation({
  id: 'updateSector',
  method: 'patch',
  path: '/sectors/{id}',
  tag,
  summary: 'Modifier un secteur',
  roles: managers,
  effect: 'mutate',
  params,
  body: SectorChange,
  success: { status: 200, schema: Sector },
  refusals: ['not_found', 'stale_version', 'unknown_commune', 'invalid_interval'],
})
