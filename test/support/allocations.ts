import { setRules } from '../../src/attachment/grid/changes/actions.ts'
import { DEFAULT_RULES, type AllocationRules } from '../../src/attachment/grid/rules.ts'
import { setIntake, type IntakeInput } from '../../src/attachment/intake/actions.ts'
import {
  createRequest,
  type MemberInput,
  type RequestInput,
} from '../../src/attachment/requests/arrival/actions.ts'
import type { Flags } from '../../src/attachment/vocabulary.ts'
import { getLocalDate } from '../../src/kernel/civil.ts'
import { makeCommunity, makeGp, type Member } from './members.ts'
import type { Answered, Caller, World } from './world.ts'

/** Every flag known, and none true. */
export const NO_FLAGS: Flags = {
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

/** An intake of five people in a run, at home as well, of any age and as far as the patient, unless told otherwise. */
export const intakeBody = (more: Partial<IntakeInput> = {}): IntakeInput => ({
  open: true,
  perRun: 5,
  perMonth: 20,
  patientele: 800,
  patienteleCeiling: 1_200,
  homeVisits: true,
  languages: [],
  wheelchair: true,
  maxKm: null,
  ...more,
})

export const openIntake = (world: World, gpId: string, more?: Partial<IntakeInput>): Promise<unknown> =>
  world.act((ctx) => setIntake(ctx, gpId, intakeBody(more), undefined))

let people = 0

const person = (flags: Flags, birthDate: string): MemberInput => ({
  family: `Fictif${++people}`,
  given: 'Alix',
  birthDate: getLocalDate(birthDate),
  sex: 'male',
  flags: { ...NO_FLAGS, ...flags },
})

export interface Wanted extends Partial<Omit<RequestInput, 'members'>> {
  /** Flags of each person; one person of whom nothing counts, unless told otherwise. */
  readonly flags?: readonly Flags[]
  readonly birthDate?: string
}

/** A household of Nanterre that waits, from now on. */
export const makeRequest = (
  world: World,
  communityId: string,
  { flags = [{}], birthDate = '1980-02-29', ...more }: Wanted = {},
): Promise<string> =>
  world.act(
    (ctx) =>
      createRequest(ctx, {
        communityId,
        source: 'cpts',
        commune: '92050',
        contact: { phone: '+33639980001' },
        members: flags.map((own) => person(own, birthDate)),
        needs: {},
        household: 'together',
        consent: { at: ctx.now, by: 'Alix Fictif', means: 'oral' },
        ...more,
      }).row.id,
  )

/** Flags by which somebody is of each class, by the rules that nobody set. */
export const OF_CLASS: Readonly<Record<1 | 2 | 3 | 4 | 5, Flags>> = {
  1: { ald: true, discharge30d: true },
  2: { ald: true, isolation: true },
  3: { ald: true },
  4: { isolation: true },
  5: {},
}

export interface AllocationStage {
  readonly communityId: string
  readonly coordinator: Caller
  readonly gps: readonly Member[]
}

/** A CPTS at Nanterre with as many GPs, all with the same intake, and its coordinator. */
export const allocationStage = async (
  world: World,
  gps = 1,
  intake?: Partial<IntakeInput>,
): Promise<AllocationStage> => {
  const communityId = await makeCommunity(world, '92050')
  const made: Member[] = []
  for (let i = 0; i < gps; i++) {
    const gp = await makeGp(world, communityId)
    await openIntake(world, gp.id, intake)
    made.push(gp)
  }
  return {
    communityId,
    coordinator: await world.key('coordinator', { communityIds: [communityId] }),
    gps: made,
  }
}

export const setRulesOf = (
  world: World,
  communityId: string,
  more: Partial<AllocationRules>,
): Promise<unknown> =>
  world.act((ctx) => setRules(ctx, communityId, { ...DEFAULT_RULES, ...more }, undefined))

export const simulated = async (
  { coordinator, communityId }: Pick<AllocationStage, 'coordinator' | 'communityId'>,
  more: Record<string, unknown> = {},
): Promise<Answered['body']> => {
  const answer = await coordinator.post('/allocations', { communityId, ...more })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body
}

/** Simulates and publishes; gives the allocation. */
export const published = async (stage: AllocationStage): Promise<Answered['body']> => {
  const { id } = await simulated(stage)
  const answer = await stage.coordinator.post(`/allocations/${id}/publish`, {})
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}

/** Who is proposed to whom: `request → practitioner`. */
export const pairsOf = (allocation: Answered['body']): Record<string, string> =>
  Object.fromEntries(
    (allocation.proposals as { requestId: string; practitionerId: string }[]).map((one) => [
      one.requestId,
      one.practitionerId,
    ]),
  )
