import { makeCommunity } from './members.ts'
import type { Answered, Caller, World } from './world.ts'

/** What is known of somebody of whom nothing counts. */
export const NO_FLAGS = {
  ald: false,
  c2s: false,
  pregnancy: false,
  disability: false,
  dependence: false,
  discharge30d: false,
  palliative: false,
  mtRetiring: false,
  isolation: false,
}

/** Somebody of a household, of whom everything is known. */
export const person = (more: Record<string, unknown> = {}, flags: Record<string, unknown> = {}) => ({
  family: 'Fictive',
  given: 'Alix',
  birthDate: '1980-02-29',
  sex: 'female',
  flags: { ...NO_FLAGS, ...flags },
  ...more,
})

/** A request of one person of whom nothing counts. */
export const requestBody = (communityId: string, more: Record<string, unknown> = {}) => ({
  communityId,
  source: 'cpts',
  commune: '92050',
  contact: { phone: '+33639980001', email: 'alix@example.org' },
  members: [person()],
  needs: {},
  household: 'together',
  consent: { at: '2026-11-20T10:00:00+01:00', by: 'Alix Fictive', means: 'oral' },
  ...more,
})

/** Rules of a CPTS as `PUT /communities/{id}/allocation-rules` takes them. */
export const rulesBody = (more: Record<string, unknown> = {}) => ({
  grid: [
    { rule: 'ald', points: 30 },
    { rule: 'age70', points: 15 },
    { rule: 'weeksWaiting', points: 2 },
  ],
  classThresholds: [60, 40, 25, 10],
  reservedForClass1: 0.2,
  answerDays: 7,
  reminderDays: 4,
  maxRefusals: 3,
  maxKm: 30,
  ...more,
})

/** A census of one person, as a file. */
export const CENSUS = [
  'famille;prenom;naissance;telephone;commune;consentement_le;consentement_par;consentement_moyen',
  'Recensée;Alix;1980-02-29;0639980001;92050;20/11/2026;elle-même;oral',
].join('\n')

export interface RequestStage {
  readonly communityId: string
  readonly coordinator: Caller
  /** Brings a request in. */
  readonly bring: (more?: Record<string, unknown>) => Promise<Answered>
  /** One of people of whom this is known, by id. */
  readonly request: (flags?: Record<string, unknown>, more?: Record<string, unknown>) => Promise<string>
  readonly read: (id: string) => Promise<Answered['body']>
}

let names = 0

/** A name that nobody else of the test has. */
const freshName = () =>
  `Fictive${String.fromCharCode(...[...String(++names)].map((digit) => 97 + Number(digit)))}`

/** A CPTS that holds a commune, and its coordinator. */
export const requestStage = async (world: World, insee = '92050'): Promise<RequestStage> => {
  const communityId = await makeCommunity(world, insee)
  const coordinator = await world.key('coordinator', { communityIds: [communityId] })
  const bring: RequestStage['bring'] = (more) =>
    coordinator.post('/mt-requests', requestBody(communityId, { commune: insee, ...more }))
  return {
    communityId,
    coordinator,
    bring,
    request: async (flags, more) => {
      const answer = await bring({ members: [person({ family: freshName() }, flags)], ...more })
      if (answer.status !== 201) throw new Error(answer.text)
      return answer.body.id
    },
    read: async (id) => (await coordinator.get(`/mt-requests/${id}`)).body,
  }
}
