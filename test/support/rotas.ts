import { created, makeSector, typeBody } from './sectors.ts'
import { makeCommunity, makeGp, type Member } from './members.ts'
import type { Caller, World } from './world.ts'

export interface RotaStage {
  readonly communityId: string
  readonly coordinator: Caller
  readonly gps: readonly Member[]
  readonly sectorId: string
}

/** A sector with an evening of every day, and as many GPs on its list for good, all with a full share. */
export const rotaStage = async (
  world: World,
  people = 4,
  more: { types?: readonly Record<string, unknown>[]; sector?: Record<string, unknown> } = {},
): Promise<RotaStage> => {
  const communityId = await makeCommunity(world, '92050')
  const gps: Member[] = []
  for (let i = 0; i < people; i++) gps.push(await makeGp(world, communityId))
  const sectorId = await makeSector(world, [communityId], gps, more.sector)
  const coordinator = await world.key('coordinator', { communityIds: [communityId] })
  const types = (more.types ?? [{}]).map((type) => typeBody(type))
  const set = await coordinator.put(`/sectors/${sectorId}/shift-types`, types)
  if (set.status !== 200) throw new Error(set.text)
  return { communityId, coordinator, gps, sectorId }
}

/** A fortnight in January, unless told otherwise. */
export const FORTNIGHT = { from: '2027-01-04', to: '2027-01-17', exceptional: true }

export const makeRota = (
  { coordinator, sectorId }: Pick<RotaStage, 'coordinator' | 'sectorId'>,
  more: Record<string, unknown> = {},
): Promise<string> => created(coordinator.post('/rotas', { sectorId, ...FORTNIGHT, ...more }))

export interface ShiftShown {
  readonly id: string
  readonly code: string
  readonly category: string
  readonly start: string
  readonly end: string
  readonly localStart: string
  readonly localEnd: string
  readonly hours: number
  readonly grandeFete: boolean
  readonly places: readonly {
    readonly place: number
    readonly titulaireId: string | null
    readonly executantId?: string
    readonly phone?: string
    readonly locked: boolean
    readonly override?: string
    readonly version: number
  }[]
}

export const shiftsOf = async (caller: Caller, rotaId: string): Promise<ShiftShown[]> => {
  const answer = await caller.get(`/rotas/${rotaId}/shifts?limit=200`)
  if (answer.status !== 200 || answer.body.next !== null) throw new Error(answer.text)
  return answer.body.items
}

/** Who has each place, in order. */
export const holdersOf = async (caller: Caller, rotaId: string): Promise<(string | null)[]> =>
  (await shiftsOf(caller, rotaId)).flatMap(({ places }) => places.map(({ titulaireId }) => titulaireId))

export const generated = async (caller: Caller, rotaId: string, body: Record<string, unknown> = {}) => {
  const answer = await caller.post(`/rotas/${rotaId}/generate`, body)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}

const STEPS = ['consultation', 'validated', 'sent_to_cdom', 'published'] as const

/** Takes a rota from its draft to its publication. */
export const publish = async (caller: Caller, rotaId: string): Promise<void> => {
  for (const to of STEPS) {
    const answer = await caller.post(`/rotas/${rotaId}/transition`, { to })
    if (answer.status !== 200) throw new Error(answer.text)
  }
}
