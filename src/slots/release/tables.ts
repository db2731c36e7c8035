import { sql, type SQL, type SQLWrapper } from 'drizzle-orm'
import { takenSeats } from '../../bookings/tables.ts'
import { slots } from '../tables.ts'

// `settle` of src/slots/rules.ts in SQL: what is true of a slot at an instant, whether or not the tick has written it
// down. A property holds the two against one another.

/** Whether the release of a slot holds: 1 or 0, never null. */
export const isReleased = (now: SQLWrapper): SQL =>
  sql`coalesce(${slots.start} - (${slots.release} ->> 'minutesBefore') * 60000 <= ${now}, 0)`

/** Whether a slot that was not withdrawn takes no new patient: 1 or 0, never null. */
export const isClosed = (now: SQLWrapper): SQL =>
  sql`(${slots.withdrawnReason} is not null or ${slots.origin} = 'en_sus'
    or (${isReleased(now)} and ${slots.release} ->> 'to' = 'practitioner'))`

/** Whether a slot is not withdrawn. The first term is that of the partial indexes. */
export const isStanding = (now: SQLWrapper): SQL =>
  sql`(${slots.withdrawnAt} is null and (not ${isClosed(now)} or ${takenSeats(now)} > 0))`

/** Seats that a standing slot offers or has given: a closed one has those of its patients alone. */
export const offeredSeats = (now: SQLWrapper): SQL<number> =>
  sql<number>`(case when ${isClosed(now)} then ${takenSeats(now)} else ${slots.capacity} end)`

/** Whether one of these audiences, as bits and as a JSON list, is among those typed or those that a release has added. */
export const hasAudience = (now: SQLWrapper, mask: SQLWrapper | number, codes: SQLWrapper | string): SQL =>
  sql`(${slots.audiences} & ${mask} <> 0 or (${isReleased(now)} and exists (
    select 1 from json_each(${slots.release}, '$.to') as wider
    where wider.value in (select value from json_each(${codes})))))`
