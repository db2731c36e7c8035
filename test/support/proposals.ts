import { sql } from 'drizzle-orm'
import { sendProposals, type NewProposal } from '../../src/attachment/proposals/actions.ts'
import type { AnswerTimes } from '../../src/attachment/proposals/rules.ts'
import type { Ctx } from '../../src/db/db.ts'
import type { Answered, World } from './world.ts'

export const TIMES: AnswerTimes = { answerDays: 7, reminderDays: 4 }

/** An allocation that somebody published, of which nothing but the row is there. */
export const bareAllocation = (ctx: Ctx, communityId: string): string => {
  const id = ctx.newId('allocation')
  ctx.db
    .run(sql`insert into allocations (id, community_id, state, origin, seed, rules_version, input_hash, totals, version, actor, created_at)
    values (${id}, ${communityId}, 'published', 'asked', 0, 0, 'none', '{}', 1, 'test', ${ctx.now})`)
  return id
}

export const newProposal = (
  requestId: string,
  practitionerId: string,
  more: Partial<NewProposal> = {},
): NewProposal => ({ requestId, practitionerId, members: [0], km: 1.5, class: 2, points: 12, ...more })

/** Proposes, as publishing does, without a simulation before; gives the ids. */
export const send = (
  world: World,
  communityId: string,
  batch: readonly NewProposal[],
  rules = TIMES,
): Promise<string[]> =>
  world.act((ctx) => sendProposals(ctx, { allocationId: bareAllocation(ctx, communityId), batch, rules }))

/** The single proposal of a request to a practitioner. */
export const propose = async (
  world: World,
  communityId: string,
  requestId: string,
  practitionerId: string,
  more?: Partial<NewProposal>,
): Promise<string> => {
  const [id] = await send(world, communityId, [newProposal(requestId, practitionerId, more)])
  if (id === undefined) throw new Error('nothing was sent')
  return id
}

export interface RequestRow {
  readonly state: string
  readonly since: number
  readonly refusals: number
  readonly escalated: number | null
}

/** Where a request stands, asked of the database: its state, since when it waits, refusals. */
export const requestOf = (world: World, id: string): RequestRow =>
  world.territory.read<RequestRow>((db) =>
    db.get<RequestRow>(
      sql`select state, waiting_since as since, refusals, escalated_at as escalated from mt_requests where id = ${id}`,
    ),
  )

export const stateOf = ({ status, body, text }: Answered): string => {
  if (status !== 200) throw new Error(text)
  return body.state as string
}
