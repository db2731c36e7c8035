import { z } from '@hono/zod-openapi'
import { operation } from '../edge/operation.ts'
import { CURSORS, id, instantIn, instantOut, page, pageQuery, text } from '../edge/schemas.ts'
import { APPOINTMENT_TYPES, AUDIENCES, MODALITIES, SLOT_ORIGINS, SLOT_STATUSES } from './vocabulary.ts'

const tag = 'Créneaux'

const codes = <const C extends readonly [string, ...string[]]>(list: C) =>
  z
    .array(z.enum(list))
    .min(1)
    .max(list.length)
    .transform((given) => [...new Set(given)])

const Release = z
  .strictObject({
    minutesBefore: z.int().min(0).max(10_080),
    to: z.union([z.array(z.enum(AUDIENCES)).min(1).max(4), z.literal('practitioner')]),
  })
  .openapi('Release', {
    description:
      'Libération automatique : minutesBefore minutes avant le début, le créneau s’ouvre aussi aux publics de to ; avec practitioner, il est rendu au praticien s’il est libre, sinon ses places libres se ferment.',
  })

const age = z.int().min(0).max(130)

/** The terms of an offer, as typed. */
export const offerFields = {
  capacity: z.int().min(1).max(100).optional(),
  audiences: codes(AUDIENCES).optional(),
  communityIds: z.array(id('community')).max(20).optional(),
  modalities: codes(MODALITIES).optional(),
  appointmentType: z.enum(APPOINTMENT_TYPES).optional(),
  motives: z.array(text(80)).max(20).optional(),
  minAge: age.optional(),
  maxAge: age.optional(),
  release: Release.optional(),
}

/** The terms of an offer, as shown. */
export const offerOutFields = {
  capacity: z.int(),
  audiences: z.array(z.enum(AUDIENCES)),
  communityIds: z.array(id('community')),
  modalities: z.array(z.enum(MODALITIES)),
  appointmentType: z.enum(APPOINTMENT_TYPES),
  motives: z.array(z.string()),
  minAge: z.int().optional(),
  maxAge: z.int().optional(),
  release: Release.optional(),
}

export const AGES_IN_ORDER = {
  test: (offer: { minAge?: number | undefined; maxAge?: number | undefined }) =>
    offer.minAge === undefined || offer.maxAge === undefined || offer.minAge <= offer.maxAge,
  error: { message: 'minAge dépasse maxAge', path: ['minAge'] },
}

const SlotInput = z
  .strictObject({
    practitionerId: id('practitioner'),
    siteId: id('site'),
    start: instantIn,
    end: instantIn,
    ...offerFields,
  })
  .refine(AGES_IN_ORDER.test, AGES_IN_ORDER.error)

export const Slot = z
  .strictObject({
    id: id('slot'),
    practitionerId: id('practitioner'),
    siteId: id('site'),
    start: instantOut,
    end: instantOut,
    status: z.enum(SLOT_STATUSES),
    taken: z.int(),
    ...offerOutFields,
    origin: z.enum(SLOT_ORIGINS),
    seriesId: id('series').optional(),
    shiftId: id('shift').optional(),
    version: z.int(),
  })
  .openapi('Slot')

const params = z.object({ id: id('slot') })

export const publishSlot = operation({
  id: 'publishSlot',
  method: 'post',
  path: '/slots',
  tag,
  summary: 'Publier un créneau',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'mutate',
  body: SlotInput,
  success: { status: 201, schema: Slot },
  refusals: ['not_found', 'invalid_interval', 'slot_overlap'],
})

export const publishSlots = operation({
  id: 'publishSlots',
  method: 'post',
  path: '/slots/batch',
  tag,
  summary: 'Publier plusieurs créneaux, tous ou aucun',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'mutate',
  body: z.strictObject({ slots: z.array(SlotInput).min(1).max(500) }),
  // 500 slots with every member filled in.
  bodyLimit: 512 * 1024,
  success: { status: 201, schema: z.strictObject({ items: z.array(Slot) }) },
  refusals: ['not_found', 'invalid_interval', 'slot_overlap'],
})

export const listSlots = operation({
  id: 'listSlots',
  method: 'get',
  path: '/slots',
  tag,
  summary: 'Lister les créneaux que l’on peut voir',
  roles: ['admin', 'coordinator', 'practitioner', 'regulator'],
  effect: 'read',
  query: z.strictObject({
    ...pageQuery(CURSORS.start),
    practitioner: id('practitioner').optional(),
    from: instantIn.optional(),
    to: instantIn.optional(),
    status: z.enum(SLOT_STATUSES).optional(),
  }),
  success: { status: 200, schema: page(Slot) },
  refusals: [],
})

export const getSlot = operation({
  id: 'getSlot',
  method: 'get',
  path: '/slots/{id}',
  tag,
  summary: 'Un créneau',
  roles: ['admin', 'coordinator', 'practitioner', 'regulator'],
  effect: 'read',
  params,
  success: { status: 200, schema: Slot },
  refusals: ['not_found'],
})

export const withdrawSlot = operation({
  id: 'withdrawSlot',
  method: 'post',
  path: '/slots/{id}/withdraw',
  tag,
  summary: 'Retirer un créneau ; les rendez-vous pris restent et sont signalés',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'mutate',
  params,
  body: z.strictObject({ reason: text(140).optional() }),
  success: { status: 200, schema: Slot },
  refusals: ['not_found', 'already_withdrawn'],
})
