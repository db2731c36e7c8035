import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { id, insee, instantIn, instantOut, localDate } from '../../edge/schemas.ts'
import { CATEGORIES, ROTA_KINDS, SHIFT_ROLES } from '../vocabulary.ts'

const tag = 'Gardes'

const DutyShift = z.strictObject({
  id: id('shift'),
  rotaId: id('rota'),
  code: z.string(),
  label: z.string(),
  category: z.enum(CATEGORIES),
  role: z.enum(SHIFT_ROLES),
  start: instantOut,
  end: instantOut,
  headcount: z.int(),
})

const DutyPerson = z
  .strictObject({
    name: z.string(),
    role: z.enum(SHIFT_ROLES),
    phone: z.string().nullable(),
    site: z.strictObject({
      name: z.string().nullable(),
      address: z.string().nullable(),
      city: z.string().nullable(),
      phone: z.string().nullable(),
      lat: z.number().nullable(),
      lon: z.number().nullable(),
    }),
    practitionerId: id('practitioner').optional(),
  })
  .openapi('DutyPerson', {
    description:
      'Sans practitionerId : un remplaçant extérieur au territoire. phone : pour le secteur et la régulation, null pour les autres.',
  })

const OnDuty = z
  .strictObject({
    sector: z.strictObject({ id: id('sector'), name: z.string() }),
    shift: DutyShift,
    people: z.array(DutyPerson),
    missing: z.int().openapi({ description: 'Places sans personne' }),
  })
  .openapi('OnDuty')

export const readOnCall = operation({
  id: 'readOnCall',
  method: 'get',
  path: '/on-call',
  tag,
  summary: 'Qui est de garde, maintenant ou à un moment donné',
  description:
    'kind : garde, la permanence des soins ; snp, les plages dédiées de jour d’une CPTS, qui ne sont pas des gardes. Sans kind : celui du secteur nommé, sinon les gardes.',
  roles: ['admin', 'coordinator', 'practitioner', 'regulator'],
  effect: 'read',
  query: z.strictObject({
    at: instantIn.optional(),
    commune: insee.optional(),
    sector: id('sector').optional(),
    kind: z.enum(ROTA_KINDS).optional(),
  }),
  success: { status: 200, schema: z.strictObject({ at: instantOut, items: z.array(OnDuty) }) },
  refusals: ['not_found', 'unknown_commune', 'invalid_interval'],
})

export const listHoles = operation({
  id: 'listHoles',
  method: 'get',
  path: '/sectors/{id}/holes',
  tag,
  summary: 'Gardes publiées auxquelles il manque quelqu’un',
  roles: ['admin', 'coordinator', 'practitioner', 'regulator'],
  effect: 'read',
  params: z.object({ id: id('sector') }),
  query: z.strictObject({ from: localDate, to: localDate }),
  success: {
    status: 200,
    schema: z.strictObject({
      items: z.array(DutyShift.extend({ missing: z.int() }).openapi('Hole')),
    }),
  },
  refusals: ['not_found', 'invalid_interval'],
})
