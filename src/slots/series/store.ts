import { and, asc, eq, gt, inArray, isNull, lt, or, sql, type SQL } from 'drizzle-orm'
import type { Db } from '../../db/db.ts'
import type { LocalDateTime } from '../../kernel/civil.ts'
import { practitionerCommunities } from '../../members/tables.ts'
import { series } from './tables.ts'

export type SeriesRow = typeof series.$inferSelect

export const findSeries = (db: Db, id: string): SeriesRow | undefined =>
  db.select().from(series).where(eq(series.id, id)).get()

export const insertSeries = (db: Db, row: SeriesRow): void => {
  db.insert(series).values(row).run()
}

export const updateSeries = (db: Db, id: string, change: Partial<SeriesRow>): SeriesRow =>
  db
    .update(series)
    .set({ ...change, version: sql`${series.version} + 1` })
    .where(eq(series.id, id))
    .returning()
    .get()

/** Moves the mark of what is dealt with; not a change that anybody edits against, so the version stays. */
export const setMaterialised = (db: Db, id: string, materialisedTo: LocalDateTime): void => {
  db.update(series).set({ materialisedTo }).where(eq(series.id, id)).run()
}

/** Series whose slots reach neither `horizon` nor their end yet, those furthest behind first. */
export const listToExtend = (db: Db, horizon: LocalDateTime, limit: number): SeriesRow[] =>
  db
    .select()
    .from(series)
    .where(
      and(
        lt(series.materialisedTo, horizon),
        or(isNull(series.endedFrom), gt(series.endedFrom, sql`${series.materialisedTo}`)),
      ),
    )
    .orderBy(asc(series.materialisedTo))
    .limit(limit)
    .all()

export const listSeries = (
  db: Db,
  filter: {
    readonly practitionerId?: string | undefined
    readonly communityIds?: readonly string[] | undefined
  },
  after: string,
  limit: number,
): SeriesRow[] => {
  const inCommunities: SQL | undefined =
    filter.communityIds &&
    inArray(
      series.practitionerId,
      db
        .select({ id: practitionerCommunities.practitionerId })
        .from(practitionerCommunities)
        .where(
          sql`${practitionerCommunities.communityId} in (select value from json_each(${JSON.stringify(filter.communityIds)}))`,
        ),
    )
  return db
    .select()
    .from(series)
    .where(
      and(
        gt(series.id, after),
        filter.practitionerId === undefined ? undefined : eq(series.practitionerId, filter.practitionerId),
        inCommunities,
      ),
    )
    .orderBy(asc(series.id))
    .limit(limit)
    .all()
}
