import { integer, text } from 'drizzle-orm/sqlite-core'
import { codeSet, jsonColumn } from '../db/columns.ts'
import { AUDIENCES, MODALITIES, type AppointmentType, type Release } from './vocabulary.ts'

/** What a slot offers and to whom: the same columns for a slot and for the series that makes slots. */
export const offerColumns = () => ({
  capacity: integer('capacity').notNull(),
  audiences: codeSet(AUDIENCES)('audiences').notNull(),
  communityIds: jsonColumn<string[]>()('community_ids').notNull(),
  modalities: codeSet(MODALITIES)('modalities').notNull(),
  appointmentType: text('appointment_type').$type<AppointmentType>().notNull(),
  motives: jsonColumn<string[]>()('motives').notNull(),
  minAge: integer('min_age'),
  maxAge: integer('max_age'),
  release: jsonColumn<Release>()('release'),
})
