import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { id, insee, instantIn, instantOut, queryFlag, queryInteger, queryNumber } from '../../edge/schemas.ts'
import { Site } from '../../members/contract.ts'
import { Slot } from '../../slots/contract.ts'
import { APPOINTMENT_TYPES, MODALITIES } from '../../slots/vocabulary.ts'
import { SORTS } from './vocabulary.ts'

export const Available = z
  .strictObject({
    slot: Slot,
    practitioner: z.strictObject({ id: id('practitioner'), rpps: z.string(), name: z.string() }),
    site: Site,
    distanceKm: z.number(),
    heldByOthers: z.boolean(),
  })
  .openapi('Available')

export const searchAvailability = operation({
  id: 'searchAvailability',
  method: 'get',
  path: '/availability',
  tag: 'Recherche',
  summary: 'Chercher ce que l’on peut réserver maintenant',
  description: 'Près d’une commune, ou d’une position (lat et lon).',
  roles: ['admin', 'regulator', 'practitioner'],
  effect: 'read',
  query: z
    .strictObject({
      commune: insee.optional(),
      lat: queryNumber(-90, 90).optional(),
      lon: queryNumber(-180, 180).optional(),
      radiusKm: queryNumber(0, 100).optional(),
      from: instantIn.optional(),
      to: instantIn.optional(),
      modality: z.enum(MODALITIES).optional(),
      appointmentType: z.enum(APPOINTMENT_TYPES).optional(),
      age: queryInteger(0, 130).optional(),
      community: id('community').optional(),
      wheelchair: queryFlag.optional(),
      sort: z.enum(SORTS).optional(),
      limit: queryInteger(1, 200).optional(),
    })
    .refine((query) => (query.lat === undefined) === (query.lon === undefined), {
      message: 'lat et lon vont ensemble',
      path: ['lat'],
    })
    .refine((query) => (query.commune === undefined) !== (query.lat === undefined), {
      message: 'Donner soit commune, soit lat et lon',
      path: ['commune'],
    }),
  success: { status: 200, schema: z.strictObject({ items: z.array(Available), asOf: instantOut }) },
  refusals: ['unknown_commune', 'invalid_interval'],
})
