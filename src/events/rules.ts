import { createHash } from 'node:crypto'
import type { Actor } from '../kernel/ctx.ts'
import type { events } from './tables.ts'
import { ASKING_TYPES, type EventType } from './vocabulary.ts'

type EventRow = typeof events.$inferSelect

/** What the first event of a chain is hashed over. */
export const GENESIS = '0'.repeat(64)

/** JSON with sorted keys, so that the same facts always hash the same. */
const canonical = (value: unknown): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
}

/** SHA-256 (hex) of everything that an event says and of the hash of the event before it. */
export const hashOf = (event: Omit<EventRow, 'hash'>): string =>
  createHash('sha256')
    .update(
      canonical([
        event.prev,
        event.seq,
        event.id,
        event.type,
        event.at,
        event.actor,
        event.subject,
        event.practitionerId,
        event.data,
      ]),
    )
    .digest('hex')

export interface ChainState {
  readonly count: number
  readonly head: string
  /** Place of the first event that does not follow from those before it. */
  readonly brokenAt?: number
}

/** Follows the chain over the next events: numbers without a hole, each `prev` the hash before, each hash recomputed. */
export const followChain = (state: ChainState, next: readonly EventRow[]): ChainState => {
  let { count, head } = state
  for (const event of next) {
    if (event.seq !== count + 1 || event.prev !== head || event.hash !== hashOf(event))
      return { count, head, brokenAt: count + 1 }
    count = event.seq
    head = event.hash
  }
  return { count, head }
}

/**
 * What an event tells this reader: a practitioner who is asked for a patient en sus is not told who else is asked
 * (EVENT-10), nor which hard rules were set aside for a colleague, which may say that they are away or restricted; the
 * others are told all of it.
 */
export const dataFor = (actor: Actor, type: EventType, data: EventRow['data']): EventRow['data'] => {
  if (actor.kind !== 'key' || actor.role !== 'practitioner') return data
  if (ASKING_TYPES.includes(type) && Array.isArray(data.practitionerIds))
    return { ...data, practitionerIds: data.practitionerIds.filter((id) => id === actor.practitionerId) }
  if ('overridden' in data) {
    const { overridden: _, ...told } = data
    return told
  }
  return data
}
