import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { CURSORS, id, insee, instantOut, page, pageQuery, phoneOut, queryFlag } from '../../edge/schemas.ts'
import { idPattern } from '../../kernel/ids.ts'
import { CONTACT_CHANNELS, PATIENT_SEXES } from '../requests/vocabulary.ts'
import { DOCTOR_SEXES, FLAGS, HOUSEHOLD_MODES } from '../vocabulary.ts'
import { AGE_BANDS, PROPOSAL_STATES, REFUSAL_REASONS } from './vocabulary.ts'

const tag = 'Patients sans médecin traitant'

export const Proposal = z
  .strictObject({
    id: id('proposal'),
    allocationId: id('allocation'),
    requestId: id('mtRequest'),
    communityId: id('community'),
    practitionerId: id('practitioner'),
    state: z.enum(PROPOSAL_STATES),
    class: z.int(),
    km: z.number(),
    people: z.int(),
    ageBands: z.array(z.enum(AGE_BANDS)),
    aldCount: z.int(),
    commune: z.strictObject({ insee, name: z.string() }),
    needs: z.strictObject({
      homeVisit: z.boolean(),
      wheelchair: z.boolean(),
      language: z.string().optional(),
      doctorSex: z.enum(DOCTOR_SEXES).optional(),
    }),
    household: z.enum(HOUSEHOLD_MODES),
    householdSize: z.int(),
    sentAt: instantOut,
    answerBy: instantOut,
    remindedAt: instantOut.optional(),
    answeredAt: instantOut.optional(),
    refusalReason: z.enum(REFUSAL_REASONS).optional(),
    contacts: z.array(
      z.strictObject({ at: instantOut, channel: z.enum(CONTACT_CHANNELS), reached: z.boolean() }),
    ),
    declaredOn: z.string().optional(),
    closedAt: instantOut.optional(),
    stale: z.literal(true).optional().openapi({
      description: 'Acceptée depuis plus de 60 jours sans déclaration.',
    }),
    patients: z
      .strictObject({
        contact: z.strictObject({ phone: phoneOut, email: z.string().optional() }),
        members: z.array(
          z.strictObject({
            number: z.int(),
            family: z.string(),
            given: z.string(),
            birthDate: z.string(),
            sex: z.enum(PATIENT_SEXES).optional(),
            flags: z.array(z.enum(FLAGS)),
          }),
        ),
      })
      .optional()
      .openapi({
        description: 'Pour le médecin, une fois qu’il a accepté ; chaque lecture est journalisée.',
      }),
    version: z.int(),
  })
  .openapi('Proposal')

const readers = ['admin', 'coordinator', 'practitioner'] as const
const params = z.object({ id: id('proposal') })

export const listProposals = operation({
  id: 'listProposals',
  method: 'get',
  path: '/proposals',
  tag,
  summary: 'Les propositions qui me sont faites, ou celles de ma CPTS',
  description:
    'Avant acceptation : tranches d’âge, commune, besoins codés et classe. Une fois acceptées, le médecin voit les patients ; un coordinateur et un admin ne les voient pas ici.',
  roles: readers,
  effect: 'reveal',
  query: z.strictObject({
    ...pageQuery(CURSORS.id('proposal')),
    practitioner: z
      .string()
      .regex(
        new RegExp(`^(?:me|${idPattern('practitioner').source.slice(1, -1)})$`),
        'me ou un identifiant de praticien',
      )
      .optional()
      .openapi({ example: 'me' }),
    state: z.enum(PROPOSAL_STATES).optional(),
    allocation: id('allocation').optional(),
    request: id('mtRequest').optional(),
    stale: queryFlag.optional().openapi({ description: 'Acceptées depuis plus de 60 jours, non déclarées' }),
  }),
  success: { status: 200, schema: page(Proposal) },
  refusals: [],
})

export const getProposal = operation({
  id: 'getProposal',
  method: 'get',
  path: '/proposals/{id}',
  tag,
  summary: 'Une proposition ; avec les patients, pour le médecin qui les a acceptés',
  roles: readers,
  effect: 'reveal',
  params,
  success: { status: 200, schema: Proposal },
  refusals: ['not_found'],
})

export const acceptProposal = operation({
  id: 'acceptProposal',
  method: 'post',
  path: '/proposals/{id}/accept',
  tag,
  summary: 'Accepter une proposition',
  description:
    'La réponse ne dit pas qui sont les patients : relire la proposition. Qui a quitté la CPTS n’accepte plus ses propositions.',
  roles: ['practitioner'],
  effect: 'mutate',
  params,
  body: z.strictObject({}),
  success: { status: 200, schema: Proposal },
  refusals: ['not_found', 'proposal_expired', 'proposal_closed', 'stale_version'],
})

export const refuseProposal = operation({
  id: 'refuseProposal',
  method: 'post',
  path: '/proposals/{id}/refuse',
  tag,
  summary: 'Refuser une proposition, pour un motif licite',
  description: `Motifs : ${REFUSAL_REASONS.join(', ')}. Le refus est inscrit au registre de la CPTS ; le patient garde son rang et ne sera plus proposé à ce médecin.`,
  roles: ['practitioner'],
  effect: 'mutate',
  params,
  // Any text: one that is no lawful reason is told so.
  body: z.strictObject({ reason: z.string().max(1_000).openapi({ example: 'capacity' }) }),
  success: { status: 200, schema: Proposal },
  refusals: ['not_found', 'unlawful_reason', 'proposal_expired', 'proposal_closed', 'stale_version'],
})
