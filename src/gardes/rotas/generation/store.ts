import { eq } from 'drizzle-orm'
import type { Db } from '../../../db/db.ts'
import { generations } from '../tables.ts'

export type GenerationRow = typeof generations.$inferSelect

export const findGeneration = (db: Db, rotaId: string): GenerationRow | undefined =>
  db.select().from(generations).where(eq(generations.rotaId, rotaId)).get()

/** Keeps the last generation of a rota, in the place of the one before. */
export const keepGeneration = (db: Db, row: GenerationRow): void => {
  const { rotaId, ...rest } = row
  db.insert(generations).values(row).onConflictDoUpdate({ target: generations.rotaId, set: rest }).run()
}
