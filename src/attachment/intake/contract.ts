import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { CURSORS, id, instantOut, localDate, page, pageQuery } from '../../edge/schemas.ts'
import { DOCTOR_SEXES } from '../vocabulary.ts'

const tag = 'Patients sans médecin traitant'

const language = z
  .string()
  .regex(/^[a-z]{2}$/, 'Code de langue ISO 639-1 attendu')
  .openapi({ example: 'en' })

const OLDEST = 120
const age = z.int().min(0).max(OLDEST)
const people = z.int().min(0).max(10_000)
const perRun = z.int().min(0).max(500)

const fields = {
  open: z.boolean(),
  perRun: perRun.openapi({ description: 'Personnes par répartition' }),
  perMonth: z
    .int()
    .min(0)
    .max(1_000)
    .openapi({ description: 'Personnes par mois civil, comptées au jour de l’envoi' }),
  patientele: people.openapi({ description: 'Patientèle d’aujourd’hui' }),
  patienteleCeiling: people.openapi({ description: 'Patientèle à ne pas dépasser' }),
  homeVisits: z.boolean(),
  languages: z.array(language).max(20),
  wheelchair: z.boolean(),
  maxKm: z.number().positive().max(200).nullable().openapi({
    description: 'Distance maximale en kilomètres ; null : celle du patient et de la CPTS',
  }),
}

const IntakeInput = z
  .strictObject({
    ...fields,
    minAge: age.nullable().optional(),
    maxAge: age.nullable().optional(),
    maxAldPerRun: perRun.min(1).nullable().optional().openapi({
      description: 'Au moins 1 : ne prendre personne qui ait une ALD serait choisir selon l’état de santé.',
    }),
    maxHomeVisitsPerRun: perRun.nullable().optional(),
    sex: z.enum(DOCTOR_SEXES).nullable().optional().openapi({
      description: 'Du médecin, pour les patients qui le demandent.',
    }),
    share: z.int().min(1).max(100).optional().openapi({ default: 100 }),
    absentUntil: localDate.nullable().optional(),
    leavingOn: localDate.nullable().optional(),
  })
  .refine(({ minAge, maxAge }) => (minAge ?? 0) <= (maxAge ?? OLDEST), {
    message: 'L’âge minimal ne dépasse pas l’âge maximal',
    path: ['maxAge'],
  })

const Intake = z
  .strictObject({
    practitionerId: id('practitioner'),
    ...fields,
    minAge: z.int().optional(),
    maxAge: z.int().optional(),
    maxAldPerRun: z.int().optional(),
    maxHomeVisitsPerRun: z.int().optional(),
    sex: z.enum(DOCTOR_SEXES).optional(),
    share: z.int(),
    absentUntil: z.string().optional(),
    leavingOn: z.string().optional(),
    setAt: instantOut,
    setBy: z.string(),
    version: z.int(),
  })
  .openapi('Intake', {
    description:
      'Ce qu’un médecin peut accueillir. Aucun autre filtre n’existe : la liste des motifs licites est close (code de la santé publique R4127-7, L1110-3).',
  })

const roles = ['admin', 'coordinator', 'practitioner'] as const
const params = z.object({ id: id('practitioner') })

export const setIntake = operation({
  id: 'setIntake',
  method: 'put',
  path: '/practitioners/{id}/intake',
  tag,
  summary: 'Dire ce qu’un médecin peut accueillir',
  description:
    'Chaque changement est une nouvelle version, gardée. La patientèle dite vaut pour le jour où elle change : les patients acceptés depuis s’y ajoutent. Redire le tout à l’identique la confirme : elle les compte alors. absentUntil : absent jusqu’à ce jour compris.',
  roles,
  effect: 'mutate',
  params,
  body: IntakeInput,
  success: { status: 200, schema: Intake },
  refusals: ['not_found', 'not_a_gp', 'stale_version'],
})

export const getIntake = operation({
  id: 'getIntake',
  method: 'get',
  path: '/practitioners/{id}/intake',
  tag,
  summary: 'Ce qu’un médecin peut accueillir',
  roles,
  effect: 'read',
  params,
  success: { status: 200, schema: Intake },
  refusals: ['not_found'],
})

export const listIntakes = operation({
  id: 'listIntakes',
  method: 'get',
  path: '/practitioners/{id}/intake/history',
  tag,
  summary: 'Toutes les versions de ce qu’un médecin peut accueillir, la dernière d’abord',
  roles,
  effect: 'read',
  params,
  query: z.strictObject(pageQuery(CURSORS.seq)),
  success: { status: 200, schema: page(Intake) },
  refusals: ['not_found'],
})
