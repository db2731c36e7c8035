import { and, asc, eq, gt, inArray, isNull, lt, ne, sql } from 'drizzle-orm'
import { inJson, prepared, type Db } from '../../../db/db.ts'
import type { LocalDate } from '../../../kernel/civil.ts'
import { plus, DAY, type Interval } from '../../../kernel/time.ts'
import { slots } from '../../../slots/tables.ts'
import { rotas, rotaWeights, shiftPlaces, shifts } from '../tables.ts'
import type { RotaState } from '../vocabulary.ts'

export type RotaRow = typeof rotas.$inferSelect
export type ShiftRow = typeof shifts.$inferSelect
export type PlaceRow = typeof shiftPlaces.$inferSelect

const p = sql.placeholder

/** Who does a place: `doerOf` of the rules, for the database. */
const doer = sql<
  string | null
>`case when ${shiftPlaces.executantId} is not null then ${shiftPlaces.executantId}
  when ${shiftPlaces.outsideName} is null then ${shiftPlaces.titulaireId} end`

const times = {
  shiftId: shifts.id,
  rotaId: shifts.rotaId,
  place: shiftPlaces.place,
  localStart: shifts.localStart,
  start: shifts.start,
  end: shifts.end,
}

const queries = prepared((db: Db) => ({
  rota: db
    .select()
    .from(rotas)
    .where(eq(rotas.id, p('id')))
    .prepare(),
  shifts: db
    .select()
    .from(shifts)
    .where(eq(shifts.rotaId, p('rotaId')))
    .orderBy(asc(shifts.start), asc(shifts.id))
    .prepare(),
  places: db
    .select({ place: shiftPlaces })
    .from(shifts)
    .innerJoin(shiftPlaces, eq(shiftPlaces.shiftId, shifts.id))
    .where(eq(shifts.rotaId, p('rotaId')))
    .orderBy(asc(shifts.start), asc(shifts.id), asc(shiftPlaces.place))
    .prepare(),
  // Two questions, each by an index of its own.
  asTitulaire: db
    .select({ practitionerId: sql<string>`${shiftPlaces.titulaireId}`, ...times })
    .from(shiftPlaces)
    .innerJoin(shifts, eq(shifts.id, shiftPlaces.shiftId))
    .where(
      and(
        inJson(shiftPlaces.titulaireId, 'ids'),
        isNull(shiftPlaces.executantId),
        isNull(shiftPlaces.outsideName),
        lt(shifts.start, p('end')),
        gt(shifts.end, p('start')),
      ),
    )
    .prepare(),
  asExecutant: db
    .select({ practitionerId: sql<string>`${shiftPlaces.executantId}`, ...times })
    .from(shiftPlaces)
    .innerJoin(shifts, eq(shifts.id, shiftPlaces.shiftId))
    .where(
      and(inJson(shiftPlaces.executantId, 'ids'), lt(shifts.start, p('end')), gt(shifts.end, p('start'))),
    )
    .prepare(),
  busy: db
    .select({ practitionerId: slots.practitionerId, start: slots.start, end: slots.end })
    .from(slots)
    .where(
      and(
        inJson(slots.practitionerId, 'ids'),
        isNull(slots.withdrawnAt),
        ne(slots.origin, 'shift'),
        // A slot lasts a day at most.
        gt(slots.start, p('dayBefore')),
        lt(slots.start, p('end')),
        gt(slots.end, p('start')),
      ),
    )
    .orderBy(asc(slots.practitionerId), asc(slots.start))
    .prepare(),
  weights: db
    .select({
      rotaId: rotaWeights.rotaId,
      practitionerId: rotaWeights.practitionerId,
      class: rotaWeights.class,
      amount: rotaWeights.weight,
    })
    .from(rotaWeights)
    .innerJoin(rotas, eq(rotas.id, rotaWeights.rotaId))
    .where(and(eq(rotas.sectorId, p('sectorId')), lt(rotas.to, p('before')), ne(rotaWeights.class, 'total')))
    .orderBy(asc(rotas.from), asc(rotaWeights.rotaId), asc(rotaWeights.practitionerId))
    .prepare(),
}))

export const findRota = (db: Db, id: string): RotaRow | undefined => queries(db).rota.get({ id })

/** In order of start. */
export const shiftsOf = (db: Db, rotaId: string): ShiftRow[] => queries(db).shifts.all({ rotaId })

/** In order of start and place. */
export const placesOf = (db: Db, rotaId: string): PlaceRow[] =>
  queries(db)
    .places.all({ rotaId })
    .map(({ place }) => place)

/** Places that these people do, as titulaire or in another's stead, of every rota, that touch the interval; by start. */
export const doneBy = (db: Db, practitionerIds: readonly string[], { start, end }: Interval) => {
  const given = { ids: JSON.stringify(practitionerIds), start, end }
  return [...queries(db).asTitulaire.all(given), ...queries(db).asExecutant.all(given)].sort(
    (a, b) => a.start - b.start || (a.shiftId < b.shiftId ? -1 : 1) || a.place - b.place,
  )
}

/** When these people see patients of their own, within the interval. */
export const busyOf = (db: Db, practitionerIds: readonly string[], { start, end }: Interval) =>
  queries(db).busy.all({ ids: JSON.stringify(practitionerIds), start, end, dayBefore: plus(start, -DAY) })

/** What each person's part was in the rotas of a sector that end before a date. */
export const earlierWeights = (db: Db, sectorId: string, before: LocalDate) =>
  queries(db).weights.all({ sectorId, before })

/** How many shifts each person did of each category, and of the four days, in rotas of a sector that end before a date. */
export const earlierDone = (db: Db, sectorId: string, before: LocalDate, states: readonly RotaState[]) =>
  db
    .select({
      rotaId: shifts.rotaId,
      practitionerId: doer,
      category: shifts.category,
      done: sql<number>`count(*)`,
      grandesFetes: sql<number>`sum(${shifts.isGrandeFete})`,
    })
    .from(rotas)
    .innerJoin(shifts, eq(shifts.rotaId, rotas.id))
    .innerJoin(shiftPlaces, eq(shiftPlaces.shiftId, shifts.id))
    .where(
      and(
        eq(rotas.sectorId, sectorId),
        lt(rotas.to, before),
        inArray(rotas.state, [...states]),
        sql`${doer} is not null`,
      ),
    )
    .groupBy(shifts.rotaId, doer, shifts.category)
    .orderBy(asc(shifts.rotaId), asc(doer), asc(shifts.category))
    .all()

/** People's parts of a rota by class, as kept when it was published. */
export const keptWeights = (db: Db, rotaId: string) =>
  db.select().from(rotaWeights).where(eq(rotaWeights.rotaId, rotaId)).all()
