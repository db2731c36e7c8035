import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id } from '../../../edge/schemas.ts'
import { Because, priorityClass, Totals } from '../contract.ts'
import { CONSTRAINTS, OUTCOMES } from '../vocabulary.ts'

const tag = 'Patients sans médecin traitant'
const roles = ['admin', 'coordinator'] as const
const params = z.object({ id: id('allocation') })

const members = z.array(z.int()).openapi({ description: 'Numéros des personnes du foyer.' })
const constraint = z.enum(CONSTRAINTS)
const name = z.string()
const text = z.string()

const Candidate = z.strictObject({
  members,
  practitionerId: id('practitioner'),
  name,
  km: z.number(),
  outcome: z.enum(OUTCOMES).openapi({
    description:
      'excluded : écarté par une règle ; chosen : proposé ; full : complet ; free : a de la place, mais plus loin ou plus chargé.',
  }),
  constraint: constraint.nullable(),
  constraints: z
    .array(constraint)
    .openapi({ description: 'Tout ce qui écarte, dans l’ordre où c’est demandé.' }),
  text,
})

const Party = z.strictObject({
  members,
  practitionerId: id('practitioner').nullable(),
  funnel: z.array(Because).openapi({ description: 'Combien de médecins chaque règle écarte.' }),
  fitting: z.int().openapi({ description: 'Médecins que rien n’écarte.' }),
  lifting: z
    .array(z.strictObject({ constraint, practitioners: z.int(), text }))
    .openapi({ description: 'Combien de médecins une règle écarte à elle seule : la lever les ouvrirait.' }),
  saturation: z
    .strictObject({
      practitioners: z.array(id('practitioner')),
      occupants: z.int(),
      locked: z.int(),
      lastRank: z.int().nullable().openapi({ description: 'Rang du dernier de ceux qui y sont.' }),
      text,
    })
    .nullable()
    .openapi({
      description:
        'Les médecins atteignables en déplaçant d’autres personnes : tous complets, chacun de leurs patients passant avant.',
    }),
  helps: z
    .array(
      z.strictObject({
        practitionerId: id('practitioner'),
        name,
        requestId: id('mtRequest'),
        member: z.int(),
        text,
      }),
    )
    .openapi({ description: 'Qui aurait une place de plus chez chacun.' }),
  partly: z
    .array(z.strictObject({ practitionerId: id('practitioner'), name, people: z.int() }))
    .openapi({ description: 'Pour un foyer qui reste ensemble : combien chacun pourrait en prendre.' }),
  text,
})

export const explainAllocation = operation({
  id: 'explainAllocation',
  method: 'get',
  path: '/allocations/{id}/explain',
  tag,
  summary: 'Pourquoi ce médecin, pourquoi pas un autre, pourquoi personne',
  description:
    'Sur ce que la simulation a vu, non sur l’état présent. candidates : chaque médecin de la CPTS, du plus proche au plus loin, pour chaque personne ou pour le foyer entier.',
  roles,
  effect: 'read',
  params,
  query: z.strictObject({ request: id('mtRequest') }),
  success: {
    status: 200,
    schema: z
      .strictObject({
        requestId: id('mtRequest'),
        class: priorityClass,
        rank: z.int(),
        weeks: z.int(),
        points: z.int(),
        candidates: z.array(Candidate),
        parties: z.array(Party),
        text,
      })
      .openapi('AllocationExplanation'),
  },
  refusals: ['not_found', 'allocation_closed'],
})

const Placement = z.strictObject({
  requestId: id('mtRequest'),
  member: z.int(),
  practitionerId: id('practitioner'),
  km: z.number(),
})

const changes = {
  moved: z.array(
    z.strictObject({
      requestId: id('mtRequest'),
      member: z.int(),
      from: id('practitioner'),
      to: id('practitioner'),
      km: z.number().openapi({ description: 'De plus ; négatif : de moins.' }),
    }),
  ),
  placed: z.array(Placement).openapi({ description: 'Qui trouve une place.' }),
  unplaced: z.array(Placement).openapi({ description: 'Qui n’en a plus.' }),
  km: z.number().openapi({ description: 'De plus, de tous ceux qui sont placés.' }),
  text,
}

export const whatIfAllocation = operation({
  id: 'whatIfAllocation',
  method: 'get',
  path: '/allocations/{id}/what-if',
  tag,
  summary: 'Et si cette demande allait à ce médecin ?',
  description: 'Qui changerait, de combien, ou perdrait sa place. Rien n’est changé.',
  roles,
  effect: 'read',
  params,
  query: z.strictObject({ request: id('mtRequest'), practitioner: id('practitioner') }),
  success: {
    status: 200,
    schema: z.strictObject({ forbidden: constraint.nullable(), ...changes }).openapi('AllocationWhatIf'),
  },
  refusals: ['not_found', 'allocation_closed'],
})

export const compareAllocations = operation({
  id: 'compareAllocations',
  method: 'get',
  path: '/allocations/{id}/compare',
  tag,
  summary: 'Ce qu’une répartition change par rapport à une autre',
  description: 'with : celle d’avant, de la même CPTS.',
  roles,
  effect: 'read',
  params,
  query: z.strictObject({ with: id('allocation') }),
  success: {
    status: 200,
    schema: z.strictObject({ ...changes, before: Totals, after: Totals }).openapi('AllocationComparison'),
  },
  refusals: ['not_found', 'allocation_closed'],
})
