import { and, asc, eq, lt, lte, ne, or } from 'drizzle-orm'
import { chunksFor, inJson, type Db } from '../../../db/db.ts'
import type { LocalDate } from '../../../kernel/civil.ts'
import { rotaAlarms, rotas, rotaWeights } from '../tables.ts'

type RotaRow = typeof rotas.$inferSelect

/** Rotas whose first day has come, or whose last is past, and whose state does not say so. */
export const rotasToMove = (db: Db, today: LocalDate, limit: number): RotaRow[] =>
  db
    .select()
    .from(rotas)
    .where(
      or(
        and(eq(rotas.state, 'published'), lte(rotas.from, today)),
        and(eq(rotas.state, 'in_force'), lt(rotas.to, today)),
      ),
    )
    .orderBy(asc(rotas.id))
    .limit(limit)
    .all()

/** Rotas that are not closed and that begin by this day: those of which somebody may have to be reminded. */
export const openRotas = (db: Db, beginsBy: LocalDate): RotaRow[] =>
  db
    .select()
    .from(rotas)
    .where(and(ne(rotas.state, 'closed'), lte(rotas.from, beginsBy)))
    .orderBy(asc(rotas.id))
    .all()

export const alarmsOf = (db: Db, rotaIds: readonly string[]) =>
  db
    .select({ rotaId: rotaAlarms.rotaId, alarm: rotaAlarms.alarm })
    .from(rotaAlarms)
    .where(inJson(rotaAlarms.rotaId, 'ids'))
    .prepare()
    .all({ ids: JSON.stringify(rotaIds) })

export const insertAlarm = (db: Db, row: typeof rotaAlarms.$inferSelect): void => {
  db.insert(rotaAlarms).values(row).run()
}

export const setWeights = (
  db: Db,
  rotaId: string,
  rows: readonly { readonly practitionerId: string; readonly class: string; readonly weight: number }[],
): void => {
  db.delete(rotaWeights).where(eq(rotaWeights.rotaId, rotaId)).run()
  for (const chunk of chunksFor(rows, 4))
    db.insert(rotaWeights)
      .values(
        chunk.map(({ practitionerId, class: name, weight }) => ({
          rotaId,
          practitionerId,
          class: name,
          weight,
        })),
      )
      .run()
}
