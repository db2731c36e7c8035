import { and, asc, eq, gt, lte, sql, type SQL } from 'drizzle-orm'
import { enSusAsks } from '../bookings/en-sus/tables.ts'
import { bookings } from '../bookings/tables.ts'
import { inJson, prepared, type Db } from '../db/db.ts'
import { placeChanges, rotas, shiftPlaces, shifts } from '../gardes/rotas/tables.ts'
import { sectorCommunities, sectorMembers } from '../gardes/sectors/tables.ts'
import { swaps } from '../gardes/swaps/tables.ts'
import type { LocalDate } from '../kernel/civil.ts'
import { practitionerCommunities } from '../members/tables.ts'
import { cursors, events } from './tables.ts'
import {
  ASKING_TYPES,
  BOOKING_TYPES,
  GARDE_TYPES,
  HOLD_TYPES,
  LIST_TYPES,
  OF_COMMUNITY_TYPES,
  REGULATION_TYPES,
} from './vocabulary.ts'

export type EventRow = typeof events.$inferSelect

const p = sql.placeholder

/** In the words of the index `events_from_practitioner`. */
const fromPractitioner = sql`${events.data} ->> '$.fromPractitionerId'`

/** `column` kept from the choice of an index: the rows are read in the order of the journal. */
const unindexed = (column: unknown): SQL => sql`+${column}`

/** The numbers of the first events of one kind after a place. */
const firstOf = (kind: SQL): SQL =>
  sql`select * from (select ${events.seq} from ${events} where ${kind} and ${gt(events.seq, p('after'))} order by ${events.seq} limit ${p('limit')})`

const isTold = sql`exists (select 1 from json_each(${events.data}, '$.practitionerIds') where value = ${p('practitionerId')})`

/** By way of the asks of one practitioner, which are few, and not of the journal. */
const askedOf = sql`${events.subject} in (select ${enSusAsks.requestId} from ${enSusAsks} where ${eq(enSusAsks.practitionerId, p('practitionerId'))}) and ${inJson(events.type, 'askingTypes')} and ${isTold}`

/** Sectors on whose list somebody is, today or later. */
const ownSectors = sql`select ${sectorMembers.sectorId} from ${sectorMembers} where ${eq(sectorMembers.practitionerId, p('practitionerId'))} and (${sectorMembers.to} is null or ${sectorMembers.to} >= ${p('today')})`

/** What was made of a rota that nobody but its makers saw then. */
const isInTheMaking = sql`(${events.type} = 'rota.changed' and ${events.data} ->> '$.state' in ('draft', 'generated'))`

/** By way of the sectors of one practitioner, their rotas and the changes that are offered to all of the list. */
const ofList = sql`${events.subject} in (
  select sector_id from (${ownSectors})
  union all select ${rotas.id} from ${rotas} where ${rotas.sectorId} in (${ownSectors})
  union all select ${swaps.id} from ${swaps} where ${swaps.kind} = 'open' and ${swaps.sectorId} in (${ownSectors})
) and ${inJson(events.type, 'listTypes')} and not ${isInTheMaking}`

/** Of rotas of which one practitioner has a place, or had one since publication; they need not be on the list. */
const ofHeld = sql`${events.subject} in (select ${shifts.rotaId} from ${shifts} where ${shifts.id} in (
  select shift_id from ${placeChanges} where ${eq(placeChanges.leftById, p('practitionerId'))}
  union select shift_id from ${shiftPlaces} where ${eq(shiftPlaces.titulaireId, p('practitionerId'))}
  union select shift_id from ${shiftPlaces} where ${eq(shiftPlaces.executantId, p('practitionerId'))}
)) and ${events.type} = 'rota.changed' and ${isTold} and not ${isInTheMaking}`

/** The sector that an event of gardes is of. */
const sectorOf = sql`coalesce(${events.data} ->> '$.sectorId', ${events.subject})`

const managedSectors = sql`(select ${sectorCommunities.sectorId} from ${sectorCommunities} where ${inJson(sectorCommunities.communityId, 'communityIds')})`

const memberIds = sql`(select ${practitionerCommunities.practitionerId} from ${practitionerCommunities} where ${inJson(practitionerCommunities.communityId, 'communityIds')})`

const isOfMember = sql`(${unindexed(events.practitionerId)} in ${memberIds} or ${unindexed(fromPractitioner)} in ${memberIds} or ${inJson(unindexed(events.subject), 'communityIds')})`

/** Gardes by who manages the sector; of a practitioner of two CPTS, each is told of its own requests alone. */
const isOfCommunities = sql`case
  when ${inJson(events.type, 'gardeTypes')} then ${sectorOf} in ${managedSectors}
  when ${inJson(events.type, 'ofCommunityTypes')} then ${inJson(sql`${events.data} ->> '$.communityId'`, 'communityIds')}
  else ${isOfMember} end`

const isOfRegulation = sql`${bookings.origin} <> 'practitioner'`

const byRegulation = {
  booking: sql`exists (select 1 from ${bookings} where ${eq(bookings.id, events.subject)} and ${isOfRegulation})`,
  // The row of a hold goes with it: what the journal says of its making stays.
  hold: sql`exists (select 1 from ${events} as made where made.subject = ${events.subject} and made.type = 'hold.created' and made.actor not like 'practitioner:%')`,
  // Who was told of a patient is told to forget them.
  erasure: sql`exists (select 1 from json_each(${events.data}, '$.bookings') as erased join ${bookings} on ${bookings.id} = erased.value where ${isOfRegulation})`,
}

/** Those of a stretch of the journal that somebody may see, in its order. */
const stretch = (db: Db, visible: SQL) =>
  db
    .select()
    .from(events)
    .where(and(gt(events.seq, p('after')), lte(events.seq, p('through')), visible))
    .orderBy(asc(events.seq))
    .limit(p('limit'))
    .prepare()

const queries = prepared((db: Db) => ({
  head: db
    .select({ seq: events.seq, hash: events.hash })
    .from(events)
    .where(eq(events.seq, sql`(select max(${events.seq}) from ${events})`))
    .prepare(),
  after: db
    .select()
    .from(events)
    .where(gt(events.seq, sql.placeholder('after')))
    .orderBy(asc(events.seq))
    .limit(sql.placeholder('limit'))
    .prepare(),
  ofSubject: db
    .select()
    .from(events)
    .where(and(eq(events.subject, sql.placeholder('subject')), gt(events.seq, sql.placeholder('after'))))
    .orderBy(asc(events.seq))
    .limit(sql.placeholder('limit'))
    .prepare(),
  ofPractitioner: db
    .select()
    .from(events)
    .where(
      sql`${events.seq} in (${firstOf(eq(events.practitionerId, p('practitionerId')))} union ${firstOf(sql`${fromPractitioner} = ${p('practitionerId')}`)} union ${firstOf(askedOf)} union ${firstOf(ofList)} union ${firstOf(ofHeld)})`,
    )
    .orderBy(asc(events.seq))
    .limit(p('limit'))
    .prepare(),
  ofCommunities: stretch(db, isOfCommunities),
  ofRegulation: stretch(
    db,
    sql`(${inJson(events.type, 'types')} or (${inJson(events.type, 'bookingTypes')} and ${byRegulation.booking}) or (${inJson(events.type, 'holdTypes')} and ${byRegulation.hold}) or (${events.type} = 'identity.erased' and ${byRegulation.erasure}))`,
  ),
  insert: db
    .insert(events)
    .values({
      seq: sql.placeholder('seq'),
      id: sql.placeholder('id'),
      type: sql.placeholder('type'),
      at: sql.placeholder('at'),
      actor: sql.placeholder('actor'),
      subject: sql.placeholder('subject'),
      practitionerId: sql.placeholder('practitionerId'),
      data: sql.placeholder('data'),
      prev: sql.placeholder('prev'),
      hash: sql.placeholder('hash'),
    })
    .prepare(),
}))

export const findHead = (db: Db) => queries(db).head.get()

export const insertEvent = (db: Db, event: EventRow): void => {
  queries(db).insert.run({ ...event })
}

/** Events of one subject, or of all, after a place in the chain. */
export const listEvents = (db: Db, after: number, limit: number, subject?: string): EventRow[] =>
  subject === undefined
    ? queries(db).after.all({ after, limit })
    : queries(db).ofSubject.all({ after, limit, subject })

/** Whose events a reader is told of. */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'practitioner'; readonly practitionerId: string; readonly today: LocalDate }
  | { readonly kind: 'communities'; readonly communityIds: readonly string[] }
  | { readonly kind: 'regulation' }

/** Where a reader's next events are looked for: after one number, up to another. */
export interface Stretch {
  readonly after: number
  readonly through: number
  readonly limit: number
}

const BY_REGULATION = {
  types: JSON.stringify(REGULATION_TYPES),
  bookingTypes: JSON.stringify(BOOKING_TYPES),
  holdTypes: JSON.stringify(HOLD_TYPES),
}

/** The events of a stretch that are in a scope, in order; those of one practitioner by the indexes, however far. */
export const listScoped = (db: Db, scope: Scope, { after, through, limit }: Stretch): EventRow[] => {
  switch (scope.kind) {
    case 'all':
      return queries(db).after.all({ after, limit })
    case 'none':
      return []
    case 'practitioner':
      return queries(db).ofPractitioner.all({
        practitionerId: scope.practitionerId,
        askingTypes: JSON.stringify(ASKING_TYPES),
        listTypes: JSON.stringify(LIST_TYPES),
        today: scope.today,
        after,
        limit,
      })
    case 'communities':
      return queries(db).ofCommunities.all({
        communityIds: JSON.stringify(scope.communityIds),
        gardeTypes: JSON.stringify(GARDE_TYPES),
        ofCommunityTypes: JSON.stringify(OF_COMMUNITY_TYPES),
        after,
        through,
        limit,
      })
    case 'regulation':
      return queries(db).ofRegulation.all({ ...BY_REGULATION, after, through, limit })
  }
}

export const findCursor = (db: Db, reader: string): number | undefined =>
  db.select({ seq: cursors.seq }).from(cursors).where(eq(cursors.reader, reader)).get()?.seq

export const setCursor = (db: Db, reader: string, seq: number): void => {
  db.insert(cursors)
    .values({ reader, seq })
    .onConflictDoUpdate({ target: cursors.reader, set: { seq } })
    .run()
}

export const deleteCursors = (db: Db, prefix: string): void => {
  db.delete(cursors)
    .where(sql`substr(${cursors.reader}, 1, ${prefix.length}) = ${prefix}`)
    .run()
}
