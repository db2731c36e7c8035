import { z } from '@hono/zod-openapi'
import { operation } from '../edge/operation.ts'
import {
  CURSORS,
  id,
  instantIn,
  instantOut,
  localDate,
  page,
  pageQuery,
  phoneIn,
  phoneOut,
  queryFlag,
  text,
} from '../edge/schemas.ts'
import { ROLES } from '../kernel/ctx.ts'
import { MODALITIES } from '../slots/vocabulary.ts'
import {
  ATTENTION_REASONS,
  BOOKING_STATUSES,
  BOOKING_WARNINGS,
  CANCEL_REASONS,
  MOTIVES,
  OUTCOMES,
  REQUESTED_DELAYS,
} from './vocabulary.ts'

const tag = 'Rendez-vous'
const SEXES = ['female', 'male', 'other', 'unknown'] as const

/** What a call says, as typed. */
export const callFields = {
  patient: z.strictObject({
    family: text(80),
    given: text(80),
    birthDate: localDate,
    phone: phoneIn,
    sex: z.enum(SEXES).optional(),
    address: text(240).optional(),
  }),
  motive: z.strictObject({ code: z.enum(MOTIVES), text: text(140).optional() }),
  regulationRef: text(64),
  requestedDelay: z.enum(REQUESTED_DELAYS),
  calledAt: instantIn.optional(),
  operator: z.strictObject({ id: text(80), name: text(120) }),
}

const BookingInput = z.strictObject({
  slotId: id('slot'),
  holdId: id('hold').optional(),
  modality: z.enum(MODALITIES).optional(),
  ...callFields,
})

export const Booking = z
  .strictObject({
    id: id('booking'),
    slotId: id('slot'),
    practitionerId: id('practitioner'),
    siteId: id('site'),
    start: instantOut,
    end: instantOut,
    modality: z.enum(MODALITIES),
    status: z.enum(BOOKING_STATUSES),
    regulationRef: z.string().optional(),
    motive: z.strictObject({ code: z.enum(MOTIVES), text: z.string().optional() }).optional(),
    requestedDelay: z.enum(REQUESTED_DELAYS),
    calledAt: instantOut.optional(),
    operator: z.strictObject({ id: z.string(), name: z.string() }),
    createdAt: instantOut,
    cancelled: z
      .strictObject({
        at: instantOut,
        reason: z.enum(CANCEL_REASONS),
        by: z.enum(ROLES),
        note: z.string().optional(),
      })
      .optional(),
    needsAttention: z.strictObject({ reason: z.enum(ATTENTION_REASONS) }).optional(),
    patient: z
      .strictObject({
        family: z.string(),
        given: z.string(),
        birthDate: z.string(),
        phone: phoneOut,
        sex: z.enum(SEXES).optional(),
        address: z.string().optional(),
      })
      .optional(),
    warnings: z.array(z.enum(BOOKING_WARNINGS)).optional(),
    version: z.int(),
  })
  .openapi('Booking', {
    description: 'patient, motive et regulationRef : pour l’équipe de soins du rendez-vous seulement.',
  })

const params = z.object({ id: id('booking') })
const readers = ['admin', 'coordinator', 'practitioner', 'regulator'] as const

export const createBooking = operation({
  id: 'createBooking',
  method: 'post',
  path: '/bookings',
  tag,
  summary: 'Réserver une place pour un patient',
  roles: ['admin', 'practitioner', 'regulator'],
  effect: 'mutate',
  body: BookingInput,
  success: { status: 201, schema: Booking },
  refusals: [
    'not_found',
    'slot_taken',
    'slot_withdrawn',
    'slot_started',
    'slot_not_for_caller',
    'hold_invalid',
    'invalid_birth_date',
    'modality_not_offered',
    'address_required',
  ],
})

export const getBooking = operation({
  id: 'getBooking',
  method: 'get',
  path: '/bookings/{id}',
  tag,
  summary: 'Un rendez-vous',
  roles: readers,
  effect: 'reveal',
  params,
  success: { status: 200, schema: Booking },
  refusals: ['not_found'],
})

export const listBookings = operation({
  id: 'listBookings',
  method: 'get',
  path: '/bookings',
  tag,
  summary: 'Lister les rendez-vous que l’on peut voir',
  roles: readers,
  effect: 'reveal',
  query: z.strictObject({
    ...pageQuery(CURSORS.start),
    from: instantIn.optional(),
    to: instantIn.optional(),
    status: z.enum(BOOKING_STATUSES).optional(),
    practitioner: id('practitioner').optional(),
    needsAttention: queryFlag.optional(),
  }),
  success: { status: 200, schema: page(Booking) },
  refusals: [],
})

export const cancelBooking = operation({
  id: 'cancelBooking',
  method: 'post',
  path: '/bookings/{id}/cancel',
  tag,
  summary: 'Annuler un rendez-vous ; la place est libre aussitôt',
  roles: readers,
  effect: 'mutate',
  params,
  body: z.strictObject({ reason: z.enum(CANCEL_REASONS), note: text(280).optional() }),
  success: { status: 200, schema: Booking },
  refusals: ['not_found', 'not_active'],
})

export const moveBooking = operation({
  id: 'moveBooking',
  method: 'post',
  path: '/bookings/{id}/move',
  tag,
  summary: 'Déplacer un rendez-vous ; l’ancienne place n’est rendue que si la nouvelle est gagnée',
  roles: readers,
  effect: 'mutate',
  params,
  body: z.strictObject({ slotId: id('slot') }),
  success: { status: 200, schema: Booking },
  refusals: [
    'not_found',
    'not_active',
    'same_slot',
    'slot_taken',
    'slot_withdrawn',
    'slot_started',
    'slot_not_for_caller',
    'modality_not_offered',
  ],
})

export const recordOutcome = operation({
  id: 'recordOutcome',
  method: 'post',
  path: '/bookings/{id}/outcome',
  tag,
  summary: 'Dire si le patient est venu ; se corrige pendant sept jours',
  roles: readers,
  effect: 'mutate',
  params,
  body: z.strictObject({ outcome: z.enum(OUTCOMES) }),
  success: { status: 200, schema: Booking },
  refusals: ['not_found', 'not_active', 'too_early', 'outcome_final'],
})

export const acknowledgeBooking = operation({
  id: 'acknowledgeBooking',
  method: 'post',
  path: '/bookings/{id}/acknowledge',
  tag,
  summary: 'Dire qu’un rendez-vous signalé a été traité',
  roles: readers,
  effect: 'mutate',
  params,
  body: z.strictObject({}),
  success: { status: 200, schema: Booking },
  refusals: ['not_found', 'not_active'],
})
