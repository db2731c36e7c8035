import { and, asc, desc, eq, gt, gte, inArray, lte, notInArray, or, sql, type SQL } from 'drizzle-orm'
import { inJson, prepared, type Db } from '../../db/db.ts'
import type { LocalDate } from '../../kernel/civil.ts'
import type { Instant } from '../../kernel/time.ts'
import { practitioners } from '../../members/tables.ts'
import { sectorCommunities, sectorMembers } from '../sectors/tables.ts'
import {
  generations,
  placeChanges,
  rotaAlarms,
  rotas,
  rotaTransitions,
  rotaVersions,
  shiftPlaces,
  shifts,
} from './tables.ts'
import type { RotaState } from './vocabulary.ts'

export type RotaRow = typeof rotas.$inferSelect
export type ShiftRow = typeof shifts.$inferSelect
export type PlaceRow = typeof shiftPlaces.$inferSelect
export type VersionRow = typeof rotaVersions.$inferSelect

const p = sql.placeholder

const queries = prepared((db: Db) => ({
  find: db
    .select()
    .from(rotas)
    .where(eq(rotas.id, p('id')))
    .prepare(),
  counts: db
    .select({
      rotaId: shifts.rotaId,
      shifts: sql<number>`count(distinct ${shifts.id})`,
      places: sql<number>`count(*)`,
      empty: sql<number>`sum(coalesce(${shiftPlaces.titulaireId}, ${shiftPlaces.executantId}, ${shiftPlaces.outsideName}) is null)`,
    })
    .from(shifts)
    .innerJoin(shiftPlaces, eq(shiftPlaces.shiftId, shifts.id))
    .where(inJson(shifts.rotaId, 'ids'))
    .groupBy(shifts.rotaId)
    .prepare(),
  insertShift: db
    .insert(shifts)
    .values({
      id: p('id'),
      rotaId: p('rotaId'),
      sectorId: p('sectorId'),
      code: p('code'),
      label: p('label'),
      category: p('category'),
      isGrandeFete: p('isGrandeFete'),
      role: p('role'),
      headcount: p('headcount'),
      localStart: p('localStart'),
      localEnd: p('localEnd'),
      start: p('start'),
      end: p('end'),
      // As it is: the column would write null as the text of JSON's null.
      slotTemplate: sql`${p('slotTemplate')}`,
    })
    .prepare(),
  insertPlace: db
    .insert(shiftPlaces)
    .values({ shiftId: p('shiftId'), place: p('place'), isLocked: false, version: 1 })
    .prepare(),
  shift: db
    .select()
    .from(shifts)
    .where(eq(shifts.id, p('id')))
    .prepare(),
  place: db
    .select()
    .from(shiftPlaces)
    .where(and(eq(shiftPlaces.shiftId, p('shiftId')), eq(shiftPlaces.place, p('place'))))
    .prepare(),
  shiftsAfter: db
    .select()
    .from(shifts)
    .where(
      and(
        eq(shifts.rotaId, p('rotaId')),
        gte(shifts.start, p('start')),
        or(gt(shifts.start, p('start')), gt(shifts.id, p('id'))),
      ),
    )
    .orderBy(asc(shifts.start), asc(shifts.id))
    .limit(p('limit'))
    .prepare(),
  places: db
    .select()
    .from(shiftPlaces)
    .where(inJson(shiftPlaces.shiftId, 'ids'))
    .orderBy(asc(shiftPlaces.shiftId), asc(shiftPlaces.place))
    .prepare(),
  setTitulaire: db
    .update(shiftPlaces)
    .set({
      titulaireId: sql`${p('titulaireId')}`,
      overrideReason: null,
      version: sql`${shiftPlaces.version} + 1`,
    })
    .where(and(eq(shiftPlaces.shiftId, p('shiftId')), eq(shiftPlaces.place, p('place'))))
    .prepare(),
  // The place as a version keeps it.
  kept: db
    .select({
      shiftId: shiftPlaces.shiftId,
      place: shiftPlaces.place,
      titulaireId: shiftPlaces.titulaireId,
      executant: sql<string | null>`coalesce(${shiftPlaces.executantId}, ${shiftPlaces.outsideName})`,
    })
    .from(shifts)
    .innerJoin(shiftPlaces, eq(shiftPlaces.shiftId, shifts.id))
    .where(eq(shifts.rotaId, p('rotaId')))
    .orderBy(asc(shifts.start), asc(shifts.id), asc(shiftPlaces.place))
    .prepare(),
}))

// Rotas

/** Which rotas somebody is shown beside those that are public to them. */
export interface RotaReach {
  /** Sectors of these CPTS are theirs to manage; null is every sector. */
  readonly managedCommunityIds: readonly string[] | null
  /** They are on the list of some sectors. */
  readonly practitionerId: string | null
}

export interface RotaFilter {
  readonly sectorId?: string | undefined
  readonly state?: RotaState | undefined
}

/** States in which others see a rota, and the day on which it must not be over. */
export interface RotaShown {
  readonly toAll: readonly RotaState[]
  readonly notBefore: LocalDate | null
  readonly notToMembers: readonly RotaState[]
  readonly today: LocalDate
}

export const findRota = (db: Db, id: string): RotaRow | undefined => queries(db).find.get({ id })

const isShown = ({ managedCommunityIds, practitionerId }: RotaReach, shown: RotaShown): SQL | undefined => {
  if (managedCommunityIds === null) return undefined
  const isPublic = and(
    inArray(rotas.state, [...shown.toAll]),
    shown.notBefore === null ? undefined : gte(rotas.to, shown.notBefore),
  )
  const isManaged = sql`exists (select 1 from ${sectorCommunities} where ${sectorCommunities.sectorId} = ${rotas.sectorId}
    and ${sectorCommunities.communityId} in (select value from json_each(${JSON.stringify(managedCommunityIds)})))`
  const isMembers = and(
    notInArray(rotas.state, [...shown.notToMembers]),
    sql`exists (select 1 from ${sectorMembers} where ${sectorMembers.sectorId} = ${rotas.sectorId}
      and ${sectorMembers.practitionerId} = ${practitionerId}
      and (${sectorMembers.to} is null or ${sectorMembers.to} >= ${shown.today}))`,
  )
  return or(isPublic, isManaged, practitionerId === null ? undefined : isMembers)
}

/** Rotas in order of making. */
export const listRotas = (
  db: Db,
  reach: RotaReach,
  shown: RotaShown,
  filter: RotaFilter,
  after: string,
  limit: number,
): RotaRow[] =>
  db
    .select()
    .from(rotas)
    .where(
      and(
        gt(rotas.id, after),
        filter.sectorId === undefined ? undefined : eq(rotas.sectorId, filter.sectorId),
        filter.state === undefined ? undefined : eq(rotas.state, filter.state),
        isShown(reach, shown),
      ),
    )
    .orderBy(asc(rotas.id))
    .limit(limit)
    .all()

/** A rota of the sector that covers one of these days. */
export const findCovering = (db: Db, sectorId: string, from: LocalDate, to: LocalDate): RotaRow | undefined =>
  db
    .select()
    .from(rotas)
    .where(and(eq(rotas.sectorId, sectorId), lte(rotas.from, to), gte(rotas.to, from)))
    .orderBy(asc(rotas.from))
    .limit(1)
    .get()

export const insertRota = (db: Db, row: RotaRow): void => {
  db.insert(rotas).values(row).run()
}

export const updateRota = (db: Db, id: string, change: Partial<RotaRow>): RotaRow =>
  db
    .update(rotas)
    .set({ ...change, version: sql`${rotas.version} + 1` })
    .where(eq(rotas.id, id))
    .returning()
    .get()

/** A rota that was never published, with all that it has. */
export const deleteRota = (db: Db, id: string): void => {
  const own = db.select({ id: shifts.id }).from(shifts).where(eq(shifts.rotaId, id))
  db.delete(shiftPlaces).where(inArray(shiftPlaces.shiftId, own)).run()
  db.delete(shifts).where(eq(shifts.rotaId, id)).run()
  for (const table of [rotaTransitions, rotaAlarms, generations])
    db.delete(table).where(eq(table.rotaId, id)).run()
  db.delete(rotas).where(eq(rotas.id, id)).run()
}

export const countsOf = (db: Db, rotaIds: readonly string[]) =>
  queries(db).counts.all({ ids: JSON.stringify(rotaIds) })

export const insertTransition = (db: Db, row: Omit<typeof rotaTransitions.$inferSelect, 'number'>): void => {
  const number = sql<number>`(select coalesce(max(${rotaTransitions.number}), 0) + 1 from ${rotaTransitions} where ${rotaTransitions.rotaId} = ${row.rotaId})`
  db.insert(rotaTransitions)
    .values({ ...row, number })
    .run()
}

export const transitionsOf = (db: Db, rotaId: string) =>
  db
    .select()
    .from(rotaTransitions)
    .where(eq(rotaTransitions.rotaId, rotaId))
    .orderBy(asc(rotaTransitions.number))
    .all()

// Shifts and places

/** A shift with all its places empty. */
export const insertShift = (db: Db, row: ShiftRow): void => {
  const slotTemplate = row.slotTemplate && JSON.stringify(row.slotTemplate)
  queries(db).insertShift.run({ ...row, slotTemplate })
  for (let place = 1; place <= row.headcount; place++) queries(db).insertPlace.run({ shiftId: row.id, place })
}

export const findShift = (db: Db, id: string): ShiftRow | undefined => queries(db).shift.get({ id })

export const findPlace = (db: Db, shiftId: string, place: number): PlaceRow | undefined =>
  queries(db).place.get({ shiftId, place })

/** Shifts of a rota in order of start, after one. */
export const listShifts = (
  db: Db,
  rotaId: string,
  after: { readonly start: Instant; readonly id: string },
  limit: number,
): ShiftRow[] => queries(db).shiftsAfter.all({ rotaId, ...after, limit })

export const placesOf = (db: Db, shiftIds: readonly string[]): PlaceRow[] =>
  queries(db).places.all({ ids: JSON.stringify(shiftIds) })

export const updatePlace = (
  db: Db,
  shiftId: string,
  place: number,
  change: Partial<Omit<PlaceRow, 'shiftId' | 'place' | 'version'>>,
): PlaceRow =>
  db
    .update(shiftPlaces)
    .set({ ...change, version: sql`${shiftPlaces.version} + 1` })
    .where(and(eq(shiftPlaces.shiftId, shiftId), eq(shiftPlaces.place, place)))
    .returning()
    .get()

/** Gives a place to somebody, or to nobody, by the rules: many at a time. */
export const setTitulaire = (db: Db, shiftId: string, place: number, titulaireId: string | null): void => {
  queries(db).setTitulaire.run({ shiftId, place, titulaireId })
}

/** Telephones on a sector's list, with the days for which they hold. */
export const phonesOf = (db: Db, sectorId: string) =>
  db
    .select({
      practitionerId: sectorMembers.practitionerId,
      from: sectorMembers.from,
      to: sectorMembers.to,
      phone: sectorMembers.phone,
    })
    .from(sectorMembers)
    .where(eq(sectorMembers.sectorId, sectorId))
    .all()

// Versions

export const keptPlaces = (db: Db, rotaId: string) => queries(db).kept.all({ rotaId })

export const insertVersion = (db: Db, row: VersionRow): void => {
  db.insert(rotaVersions).values(row).run()
}

/** Notes who no longer does these places, if that is a practitioner of the territory. */
export const insertPlaceChanges = (
  db: Db,
  changes: readonly { readonly shiftId: string; readonly place: number; readonly from: string | null }[],
  at: Instant,
): void => {
  db.run(sql`insert into ${placeChanges} (shift_id, place, number, at, left_by_id)
    select asked.value ->> 'shiftId', asked.value ->> 'place',
      (select coalesce(max(number), 0) + 1 from ${placeChanges}
        where shift_id = asked.value ->> 'shiftId' and place = asked.value ->> 'place'),
      ${at},
      (select id from ${practitioners} where id = asked.value ->> 'from')
    from json_each(${JSON.stringify(changes)}) as asked`)
}

export const lastVersion = (db: Db, rotaId: string): number =>
  db
    .select({ number: rotaVersions.number })
    .from(rotaVersions)
    .where(eq(rotaVersions.rotaId, rotaId))
    .orderBy(desc(rotaVersions.number))
    .limit(1)
    .get()?.number ?? 0

export const listVersions = (db: Db, rotaId: string, after: number, limit: number) =>
  db
    .select({
      number: rotaVersions.number,
      at: rotaVersions.at,
      actor: rotaVersions.actor,
      reason: rotaVersions.reason,
    })
    .from(rotaVersions)
    .where(and(eq(rotaVersions.rotaId, rotaId), gt(rotaVersions.number, after)))
    .orderBy(asc(rotaVersions.number))
    .limit(limit)
    .all()

export const findVersion = (db: Db, rotaId: string, number: number): VersionRow | undefined =>
  db
    .select()
    .from(rotaVersions)
    .where(and(eq(rotaVersions.rotaId, rotaId), eq(rotaVersions.number, number)))
    .get()
