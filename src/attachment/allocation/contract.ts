import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { CURSORS, id, instantOut, page, pageQuery } from '../../edge/schemas.ts'
import { ALLOCATION_ORIGINS, ALLOCATION_STATES, REASONS } from './vocabulary.ts'

const tag = 'Patients sans médecin traitant'

export const priorityClass = z.int().min(1).max(5).openapi({ description: '1 est la plus urgente.' })

export const Totals = z
  .strictObject({
    people: z.int().openapi({ description: 'Personnes qui attendaient une proposition.' }),
    placed: z.int(),
    proposals: z.int(),
    unplaced: z.int(),
    practitioners: z.int(),
    kept: z.int().openapi({ description: 'Chez le même médecin que dans la simulation précédente.' }),
    byClass: z.array(z.strictObject({ class: priorityClass, people: z.int(), placed: z.int() })),
    km: z.number().openapi({ description: 'Somme des distances.' }),
    longestKm: z.number(),
    equity: z.strictObject({ least: z.number(), most: z.number(), mean: z.number() }).openapi({
      description: 'Points acceptés en douze mois et proposés ici, rapportés à une part entière.',
    }),
  })
  .openapi('AllocationTotals')

const summary = {
  id: id('allocation'),
  communityId: id('community'),
  state: z.enum(ALLOCATION_STATES),
  origin: z.enum(ALLOCATION_ORIGINS),
  seed: z.int(),
  totals: Totals,
  toQualify: z
    .int()
    .openapi({ description: 'Demandes à qualifier : hors de la répartition, jamais classées basses.' }),
  optimal: z
    .boolean()
    .openapi({ description: 'Prouvé : à placés, blocs et choix égaux, aucune répartition n’est meilleure.' }),
  rulesVersion: z.int(),
  inputHash: z.string().openapi({ description: 'SHA-256 de tout ce dont la répartition est faite.' }),
  createdAt: instantOut,
  publishedAt: instantOut.optional(),
  version: z.int(),
}

const AllocationSummary = z.strictObject(summary).openapi('AllocationSummary')

const SENTENCES = 'En une phrase ; pour les 500 premiers de la liste.'

export const Because = z
  .strictObject({ constraint: z.enum(REASONS), practitioners: z.int(), text: z.string().optional() })
  .openapi('AllocationReason')

const members = z.array(z.int()).openapi({ description: 'Numéros des personnes du foyer.' })

const Proposal = z
  .strictObject({
    requestId: id('mtRequest'),
    practitionerId: id('practitioner'),
    members,
    km: z.number(),
    class: priorityClass,
    why: z.strictObject({
      rank: z.int().openapi({ description: 'Rang dans l’ordre des demandes : classe, attente, points.' }),
      weeks: z.int(),
      candidates: z.int().openapi({ description: 'Médecins que rien n’écarte.' }),
      nearer: z.int().openapi({ description: 'Parmi eux, ceux qui sont plus proches.' }),
      locked: z.boolean(),
      text: z.string().optional().openapi({ description: SENTENCES }),
    }),
  })
  .openapi('AllocationProposal')

const Unplaced = z
  .strictObject({
    requestId: id('mtRequest'),
    class: priorityClass,
    members,
    rank: z.int(),
    weeks: z.int(),
    because: z.array(Because),
    text: z.string().optional().openapi({ description: SENTENCES }),
  })
  .openapi('AllocationUnplaced')

const Lock = z
  .strictObject({
    requestId: id('mtRequest'),
    practitionerId: id('practitioner').nullable(),
    reason: z.string(),
    by: z.string(),
    at: instantOut,
  })
  .openapi('AllocationLock')

const price = z.number()

const Certificate = z
  .strictObject({
    cost: z.number(),
    prices: z.array(
      z.strictObject({
        practitionerId: id('practitioner'),
        place: price,
        unreserved: price,
        homeVisit: price,
        ald: price,
      }),
    ),
    regrouped: z.array(id('mtRequest')),
  })
  .openapi('AllocationCertificate', {
    description:
      'De quoi vérifier que rien n’est meilleur, en 1/4096 d’hectomètre : à ces prix des places, personne ne serait mieux ailleurs. regrouped : foyers réunis à la fin, qui comptent comme fixés.',
  })

export const Allocation = z
  .strictObject({
    ...summary,
    proposals: z
      .array(Proposal)
      .optional()
      .openapi({ description: 'Dans l’ordre des rangs ; absent quand le détail n’est plus conservé.' }),
    unplaced: z.array(Unplaced).optional(),
    certificate: Certificate.optional(),
    locks: z.array(Lock),
  })
  .openapi('Allocation')

const roles = ['admin', 'coordinator'] as const
const params = z.object({ id: id('allocation') })

export const listAllocations = operation({
  id: 'listAllocations',
  method: 'get',
  path: '/allocations',
  tag,
  summary: 'Les répartitions de mes CPTS, la dernière d’abord',
  roles,
  effect: 'read',
  query: z.strictObject({
    ...pageQuery(CURSORS.id('allocation')),
    community: id('community').optional(),
    state: z.enum(ALLOCATION_STATES).optional(),
  }),
  success: { status: 200, schema: page(AllocationSummary) },
  refusals: [],
})

export const getAllocation = operation({
  id: 'getAllocation',
  method: 'get',
  path: '/allocations/{id}',
  tag,
  summary: 'Une répartition',
  roles,
  effect: 'read',
  params,
  success: { status: 200, schema: Allocation },
  refusals: ['not_found'],
})

export const discardAllocation = operation({
  id: 'discardAllocation',
  method: 'post',
  path: '/allocations/{id}/discard',
  tag,
  summary: 'Abandonner une simulation',
  roles,
  effect: 'mutate',
  params,
  body: z.strictObject({}),
  success: { status: 200, schema: Allocation },
  refusals: ['not_found', 'allocation_closed', 'stale_version'],
})
