import { asc, eq, sql } from 'drizzle-orm'
import { prepared, type Db } from '../../db/db.ts'
import { rotas, shiftPlaces, shifts } from '../rotas/tables.ts'

const p = sql.placeholder

// `cross join` keeps the shifts asked for outermost.
const queries = prepared((db: Db) => ({
  bookable: db
    .select({ shift: shifts, place: shiftPlaces, state: rotas.state })
    .from(sql`json_each(${p('ids')}) as asked`)
    .crossJoin(shifts)
    .innerJoin(shiftPlaces, eq(shiftPlaces.shiftId, shifts.id))
    .innerJoin(rotas, eq(rotas.id, shifts.rotaId))
    .where(
      sql`${shifts.id} = asked.value and ${shifts.slotTemplate} is not null and ${shifts.end} > ${p('now')}`,
    )
    .orderBy(asc(shifts.start), asc(shifts.id), asc(shiftPlaces.place))
    .prepare(),
}))

/** Places of those of these shifts that are not over and are bookable, with the state of their rota; by start. */
export const bookablePlaces = (db: Db, shiftIds: readonly string[], now: number) =>
  queries(db).bookable.all({ ids: JSON.stringify(shiftIds), now })
