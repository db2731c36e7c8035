import { eq, sql } from 'drizzle-orm'
import type { Db } from '../../db/db.ts'
import { bookings } from '../tables.ts'

/** Gives the bookings of an identity a new version, because they will read otherwise, and returns them. */
export const renewBookings = (db: Db, identityId: string): { id: string; practitionerId: string }[] =>
  db
    .update(bookings)
    .set({ version: sql`${bookings.version} + 1` })
    .where(eq(bookings.identityId, identityId))
    .returning({ id: bookings.id, practitionerId: bookings.practitionerId })
    .all()
