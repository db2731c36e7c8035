import type { Ctx } from '../../src/db/db.ts'
import { createSector, type SectorInput } from '../../src/gardes/sectors/actions.ts'
import { setMembers } from '../../src/gardes/sectors/people/actions.ts'
import { setShiftTypes } from '../../src/gardes/sectors/shift-types/actions.ts'
import { getLocalDate } from '../../src/kernel/civil.ts'
import type { Member } from './members.ts'
import { at, type Answered, type Caller, type World } from './world.ts'

/** A shift type as typed: an evening of every day, unless told otherwise. */
export const typeBody = (more: Record<string, unknown> = {}) => ({
  code: 'evening',
  label: 'Soirée',
  rrule: 'FREQ=DAILY',
  localStart: '20:00',
  localEnd: '24:00',
  dayTypes: ['weekday', 'saturday', 'sunday', 'holiday', 'pont'],
  category: 'evening',
  headcount: 1,
  role: 'effecteur',
  validFrom: '2026-01-01',
  ...more,
})

/** A deep night of every day. */
export const NIGHT = {
  code: 'night',
  label: 'Nuit profonde',
  localStart: '00:00',
  localEnd: '08:00',
  category: 'night',
}

/** A sector of these CPTS at Nanterre, with an evening and a night of every day, and these GPs on its list for good. */
export const sectorIn = (
  ctx: Ctx,
  communityIds: readonly string[],
  members: readonly Pick<Member, 'id'>[] = [],
  more: Partial<SectorInput> = {},
): string => {
  const { id } = createSector(ctx, { name: 'Secteur Nord', communes: ['92050'], communityIds, ...more })
  const types = [typeBody(), typeBody(NIGHT)] as never as Parameters<typeof setShiftTypes>[2]
  setShiftTypes(ctx, id, types, undefined)
  const from = getLocalDate('2026-01-01')
  setMembers(
    ctx,
    id,
    members.map((member) => ({ practitionerId: member.id, share: 100, from })),
    undefined,
  )
  return id
}

export const makeSector = (
  world: World,
  communityIds: readonly string[],
  members?: readonly Pick<Member, 'id'>[],
  more?: Partial<SectorInput>,
): Promise<string> => world.act((ctx) => sectorIn(ctx, communityIds, members, more))

/** The id of what a call made; throws what it answered instead. */
export const created = async (answer: Promise<Answered>): Promise<string> => {
  const { status, body, text } = await answer
  if (status !== 201) throw new Error(`not created: ${text}`)
  return body.id as string
}

/** The days of a period as somebody reads them. */
export const calendar = async (caller: Caller, from: string, to: string, sector?: string): Promise<Day[]> => {
  const answer = await caller.get(
    `/calendar/days?from=${from}&to=${to}${sector === undefined ? '' : `&sector=${sector}`}`,
  )
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body.items
}

export interface Day {
  readonly date: string
  readonly type: string
  readonly pont: boolean
  readonly holiday?: string
  readonly pdsa: readonly (readonly [string, string])[]
}

/** Hours between two instants as text. */
export const hoursOf = ([start, end]: readonly [string, string]): number => (at(end) - at(start)) / 3_600_000
