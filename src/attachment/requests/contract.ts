import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import {
  CURSORS,
  id,
  insee,
  instantOut,
  localDate,
  page,
  pageQuery,
  phoneOut,
  queryFlag,
  text,
} from '../../edge/schemas.ts'
import {
  DOCTOR_SEXES,
  FLAGS,
  GRID_RULES,
  HOUSEHOLD_MODES,
  REQUEST_STATES,
  TO_QUALIFY,
  type Flag,
} from '../vocabulary.ts'
import {
  CONSENT_MEANS,
  CONTACT_CHANNELS,
  LEAVING_REASONS,
  PATIENT_SEXES,
  REQUEST_SOURCES,
  REQUEST_WARNINGS,
  WITHDRAWAL_REASONS,
} from './vocabulary.ts'

const tag = 'Patients sans médecin traitant'

export const FlagsShape = z
  .strictObject(
    Object.fromEntries(FLAGS.map((flag) => [flag, z.boolean().nullable().optional()])) as Record<
      Flag,
      z.ZodOptional<z.ZodNullable<z.ZodBoolean>>
    >,
  )
  .openapi('PriorityFlags', {
    description: 'Oui, non, ou inconnu (null ou absent) ; jamais un diagnostic. Inconnu n’est pas non.',
  })

export const email = z.email().max(254)
const language = z
  .string()
  .regex(/^[a-z]{2}$/, 'Code de langue ISO 639-1 attendu')
  .openapi({ example: 'pt' })
export const maxKm = z.number().positive().max(200)
export const rpps = text(20).openapi({ example: '10001234566', description: '11 chiffres, clé de Luhn' })

export const Person = {
  family: text(80),
  given: text(80),
  birthDate: localDate,
  sex: z.enum(PATIENT_SEXES).optional(),
}

export const NeedsInput = z.strictObject({
  homeVisit: z.boolean().optional(),
  wheelchair: z.boolean().optional(),
  language: language.nullable().optional(),
  doctorSex: z.enum(DOCTOR_SEXES).nullable().optional(),
})

/** Half a position is none. */
export const POSITION_WHOLE = {
  test: (body: { lat?: number | null | undefined; lon?: number | null | undefined }) =>
    typeof body.lat === typeof body.lon && (body.lat === null) === (body.lon === null),
  error: { message: 'Latitude et longitude vont ensemble', path: ['lon'] },
}

const PriorityClass = z.union([z.int().min(1).max(5), z.literal(TO_QUALIFY)])

const requestFields = {
  id: id('mtRequest'),
  communityId: id('community'),
  source: z.enum(REQUEST_SOURCES),
  state: z.enum(REQUEST_STATES),
  stateSince: instantOut,
  class: PriorityClass,
  total: z.int(),
  points: z.array(z.strictObject({ rule: z.enum(GRID_RULES), points: z.int(), member: z.int().optional() })),
  rulesVersion: z.int(),
  lacking: z.array(z.strictObject({ member: z.int(), flag: z.enum(FLAGS) })).openapi({
    description: 'Ce qui n’est pas connu et compterait.',
  }),
  waitingSince: instantOut,
  weeksWaiting: z.int(),
  commune: z.string(),
  household: z.enum(HOUSEHOLD_MODES),
  needs: z.strictObject({
    homeVisit: z.boolean(),
    wheelchair: z.boolean(),
    language: z.string().nullable(),
    doctorSex: z.enum(DOCTOR_SEXES).nullable(),
  }),
  maxKm: z.number().optional(),
  alreadySeenBy: z.string().optional(),
  alreadySeenPractitionerId: id('practitioner').optional().openapi({
    description: 'Le praticien de ce RPPS, s’il est du territoire.',
  }),
  consent: z.strictObject({
    at: instantOut,
    means: z.enum(CONSENT_MEANS),
    recordedBy: z.string(),
    revokedAt: instantOut.optional(),
  }),
  refusals: z.int(),
  escalatedAt: instantOut.optional(),
  withdrawalReason: z.enum(WITHDRAWAL_REASONS).optional(),
  closedAt: instantOut.optional(),
  eraseAfter: instantOut.optional(),
  erasedAt: instantOut.optional(),
  warnings: z.array(z.enum(REQUEST_WARNINGS)).optional(),
  duplicates: z.array(id('mtRequest')).optional().openapi({
    description:
      'Demandes en cours de la même CPTS où figure l’une de ces personnes ; pour le coordinateur et l’administrateur.',
  }),
  left: z
    .array(z.strictObject({ number: z.int(), at: instantOut, reason: z.enum(LEAVING_REASONS) }))
    .optional()
    .openapi({
      description: 'Qui n’est plus du foyer : leur identité est effacée, leur numéro n’est pas repris.',
    }),
  createdAt: instantOut,
  version: z.int(),
}

const MemberOut = z.strictObject({
  number: z.int(),
  flags: FlagsShape,
  consent: z
    .strictObject({ at: instantOut, means: z.enum(CONSENT_MEANS), recordedBy: z.string() })
    .optional()
    .openapi({ description: 'De qui a rejoint le foyer depuis ; sinon, celui de la demande.' }),
})

export const Request = z
  .strictObject({ ...requestFields, members: z.array(MemberOut) })
  .openapi('MtRequest', { description: 'Sans identité : ni nom, ni date de naissance, ni téléphone.' })

export const Contact = z
  .strictObject({
    at: instantOut,
    by: z.string(),
    channel: z.enum(CONTACT_CHANNELS),
    reached: z.boolean(),
    proposalId: id('proposal').optional(),
  })
  .openapi('MtContact')

const RequestDetail = z
  .strictObject({
    ...requestFields,
    members: z.array(
      MemberOut.extend({
        family: z.string().optional(),
        given: z.string().optional(),
        birthDate: z.string().optional(),
        sex: z.enum(PATIENT_SEXES).optional(),
        consentBy: z.string().optional(),
      }),
    ),
    position: z.strictObject({ lat: z.number(), lon: z.number() }).optional(),
    contact: z.strictObject({ phone: phoneOut, email: z.string().optional() }).optional(),
    consentBy: z.string().optional(),
    contacts: z.array(Contact),
  })
  .openapi('MtRequestDetail', {
    description:
      'Identité, position et coordonnées : pour les coordinateurs de la CPTS, jusqu’à l’effacement.',
  })

const params = z.object({ id: id('mtRequest') })
const roles = ['admin', 'coordinator'] as const

export const listRequests = operation({
  id: 'listMtRequests',
  method: 'get',
  path: '/mt-requests',
  tag,
  summary: 'Les demandes de ses CPTS, par ordre d’arrivée, sans identité',
  roles,
  effect: 'read',
  query: z.strictObject({
    ...pageQuery(CURSORS.id('mtRequest')),
    community: id('community').optional(),
    class: z
      .enum(['1', '2', '3', '4', '5', TO_QUALIFY])
      .transform((typed) => (typed === TO_QUALIFY ? typed : (Number(typed) as 1 | 2 | 3 | 4 | 5)))
      .optional()
      .openapi({ type: 'string', enum: ['1', '2', '3', '4', '5', TO_QUALIFY] }),
    state: z.enum(REQUEST_STATES).optional(),
    commune: insee.optional(),
    alreadySeen: queryFlag.optional(),
  }),
  success: { status: 200, schema: page(Request) },
  refusals: [],
})

export const getRequest = operation({
  id: 'getMtRequest',
  method: 'get',
  path: '/mt-requests/{id}',
  tag,
  summary: 'Une demande, avec l’identité et les coordonnées pour le coordinateur',
  roles,
  effect: 'reveal',
  params,
  success: { status: 200, schema: RequestDetail },
  refusals: ['not_found'],
})
