import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { CURSORS, id, insee, instantIn, instantOut, page, pageQuery, text } from '../../edge/schemas.ts'
import { MODALITIES } from '../../slots/vocabulary.ts'
import { Booking, callFields } from '../contract.ts'
import { MOTIVES, REQUESTED_DELAYS } from '../vocabulary.ts'
import { EN_SUS_ANSWERS, EN_SUS_CLOSINGS, EN_SUS_EXPIRIES, EN_SUS_STATES, MT_ANSWERS } from './vocabulary.ts'

const tag = 'En sus'
const sas = ['admin', 'regulator'] as const
const readers = ['admin', 'practitioner', 'regulator'] as const

const ruleFields = {
  waveSeconds: z.int().min(30).max(3_600),
  nearestCount: z.int().min(1).max(50),
  radiusKm: z.number().min(1).max(100),
}

const EnSusRules = z.strictObject({ ...ruleFields, version: z.int() }).openapi('EnSusRules', {
  description:
    'Durée d’une vague, nombre de médecins de la deuxième, rayon autour de la commune du patient. La version est 0 tant que rien n’est réglé.',
})

const EnSus = z
  .strictObject({
    id: id('enSus'),
    state: z.enum(EN_SUS_STATES),
    commune: insee,
    communeName: z.string(),
    modality: z.enum(MODALITIES),
    motive: z.strictObject({ code: z.enum(MOTIVES), text: z.string().optional() }),
    requestedDelay: z.enum(REQUESTED_DELAYS),
    wave: z.int().min(0).max(3).openapi({
      description: '1 le médecin traitant, 2 les plus proches, 3 tous ; 0 personne à solliciter',
    }),
    expiresAt: instantOut.optional().openapi({
      description:
        'Fin de la dernière vague ; une fois la demande acceptée, l’heure convenue. Absent pour un médecin qui ne l’a pas prise, dès qu’elle n’est plus à prendre',
    }),
    createdAt: instantOut,
    expired: z
      .enum(EN_SUS_EXPIRIES)
      .optional()
      .openapi({ description: 'Pourquoi le temps a clos la demande' }),
    km: z
      .number()
      .optional()
      .openapi({ description: 'De la commune au cabinet le plus proche du médecin qui lit' }),
    answer: z.enum(EN_SUS_ANSWERS).optional().openapi({ description: 'Réponse du médecin qui lit' }),
    asked: z.int().optional(),
    declined: z.int().optional(),
    nextWaveAt: instantOut.optional(),
    medecinTraitant: z.enum(MT_ANSWERS).optional(),
    regulationRef: z.string().optional(),
    accepted: z
      .strictObject({
        practitionerId: id('practitioner'),
        siteId: id('site'),
        start: instantOut,
        end: instantOut,
        at: instantOut,
      })
      .optional(),
    bookingId: id('booking').optional(),
    version: z.int(),
  })
  .openapi('EnSus', {
    description:
      'Anonyme pour le médecin sollicité. regulationRef et motive.text : pour la régulation et le médecin qui a accepté ; motive.text n’est donné que par GET /en-sus/{id}, et disparaît quand la demande est close.',
  })

const params = z.object({ id: id('enSus') })

// Before what has an id in its path: the first that fits is taken.
export const getEnSusRules = operation({
  id: 'getEnSusRules',
  method: 'get',
  path: '/en-sus/rules',
  tag,
  summary: 'Comment le territoire sollicite les médecins',
  roles: ['admin', 'auditor', 'coordinator', 'practitioner', 'regulator'],
  effect: 'read',
  success: { status: 200, schema: EnSusRules },
  refusals: [],
})

export const setEnSusRules = operation({
  id: 'setEnSusRules',
  method: 'put',
  path: '/en-sus/rules',
  tag,
  summary: 'Régler comment le territoire sollicite les médecins',
  description: 'Vaut pour les demandes à venir ; celles en cours gardent leurs vagues.',
  roles: ['admin'],
  effect: 'mutate',
  body: z.strictObject(ruleFields),
  success: { status: 200, schema: EnSusRules },
  refusals: ['stale_version'],
})

export const requestEnSus = operation({
  id: 'requestEnSus',
  method: 'post',
  path: '/en-sus',
  tag,
  summary: 'Solliciter des médecins quand aucun créneau n’est libre',
  description:
    'Le médecin traitant d’abord, puis les plus proches, puis tous ceux du rayon, parmi ceux qui acceptent les surnuméraires. Sans personne à solliciter, la réponse le dit aussitôt : state vaut expired.',
  roles: sas,
  effect: 'mutate',
  body: z.strictObject({
    commune: insee,
    modality: z.enum(MODALITIES),
    motive: callFields.motive,
    requestedDelay: callFields.requestedDelay,
    regulationRef: callFields.regulationRef,
    medecinTraitantRpps: text(20)
      .optional()
      .openapi({ example: '10001234566', description: '11 chiffres, clé de Luhn' }),
  }),
  success: { status: 201, schema: EnSus },
  refusals: ['unknown_commune', 'invalid_rpps'],
})

export const listEnSus = operation({
  id: 'listEnSus',
  method: 'get',
  path: '/en-sus',
  tag,
  summary: 'Lister les demandes, la plus récente d’abord',
  description:
    'Un médecin voit celles qui lui ont été adressées depuis 48 heures, et celles qu’il a acceptées.',
  roles: readers,
  effect: 'read',
  query: z.strictObject({ ...pageQuery(CURSORS.start), state: z.enum(EN_SUS_STATES).optional() }),
  success: { status: 200, schema: page(EnSus) },
  refusals: [],
})

export const getEnSus = operation({
  id: 'getEnSus',
  method: 'get',
  path: '/en-sus/{id}',
  tag,
  summary: 'Une demande en sus',
  roles: readers,
  effect: 'reveal',
  params,
  success: { status: 200, schema: EnSus },
  refusals: ['not_found'],
})

export const acceptEnSus = operation({
  id: 'acceptEnSus',
  method: 'post',
  path: '/en-sus/{id}/accept',
  tag,
  summary: 'Prendre le patient ; le premier l’emporte',
  description:
    'Sans précision : au cabinet le plus proche de la commune, dans une demi-heure, pour un quart d’heure.',
  roles: ['practitioner'],
  effect: 'mutate',
  params,
  body: z.strictObject({
    siteId: id('site').optional(),
    start: instantIn.optional(),
    durationMinutes: z.int().min(5).max(120).optional(),
  }),
  success: { status: 200, schema: EnSus },
  refusals: ['not_found', 'already_taken', 'en_sus_closed', 'invalid_interval'],
})

export const declineEnSus = operation({
  id: 'declineEnSus',
  method: 'post',
  path: '/en-sus/{id}/decline',
  tag,
  summary: 'Dire non ; quand tous l’ont dit, la vague suivante commence aussitôt',
  roles: ['practitioner'],
  effect: 'mutate',
  params,
  body: z.strictObject({}),
  success: { status: 200, schema: EnSus },
  refusals: ['not_found', 'already_taken', 'en_sus_closed'],
})

export const closeEnSus = operation({
  id: 'closeEnSus',
  method: 'post',
  path: '/en-sus/{id}/close',
  tag,
  summary: 'Clore une demande, acceptée ou non',
  roles: sas,
  effect: 'mutate',
  params,
  body: z.strictObject({ reason: z.enum(EN_SUS_CLOSINGS).optional() }),
  success: { status: 200, schema: EnSus },
  refusals: ['not_found', 'en_sus_closed'],
})

export const bookEnSus = operation({
  id: 'bookEnSus',
  method: 'post',
  path: '/en-sus/{id}/book',
  tag,
  summary: 'Compléter le rendez-vous d’une demande acceptée',
  description: 'Le créneau est fait avec son rendez-vous. Sans motive, celui de la demande.',
  roles: sas,
  effect: 'mutate',
  params,
  body: z.strictObject({
    patient: callFields.patient,
    motive: callFields.motive.optional(),
    calledAt: callFields.calledAt,
    operator: callFields.operator,
  }),
  success: { status: 201, schema: Booking },
  refusals: ['not_found', 'en_sus_not_accepted', 'en_sus_closed', 'invalid_birth_date', 'address_required'],
})
