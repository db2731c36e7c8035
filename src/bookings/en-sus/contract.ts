import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { CURSORS, id, insee, instantOut, page, pageQuery, text } from '../../edge/schemas.ts'
import { MODALITIES } from '../../slots/vocabulary.ts'
import { callFields } from '../contract.ts'
import { MOTIVES, REQUESTED_DELAYS } from '../vocabulary.ts'
import { EN_SUS_ANSWERS, EN_SUS_CLOSINGS, EN_SUS_EXPIRIES, EN_SUS_STATES, MT_ANSWERS } from './vocabulary.ts'

export const tag = 'En sus'
export const sas = ['admin', 'regulator'] as const
const readers = ['admin', 'practitioner', 'regulator'] as const

export const EnSus = z
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

export const params = z.object({ id: id('enSus') })

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
