import { and, asc, desc, eq, gt, gte, inArray, lt, lte, or, sql, type SQL } from 'drizzle-orm'
import { chunksFor, prepared, type Db } from '../../db/db.ts'
import type { Instant } from '../../kernel/time.ts'
import { communes } from '../../members/tables.ts'
import { enSusAsks, enSusRequests } from './tables.ts'
import type { EnSusState } from './vocabulary.ts'

export type RequestRow = typeof enSusRequests.$inferSelect
export type AskRow = typeof enSusAsks.$inferSelect

const p = sql.placeholder

/** In the words of the partial index of what is still open. */
const isOpen = sql`${enSusRequests.state} in ('asking', 'accepted')`

/** Something counted over those asked of a request at an instant. Nested, so that drizzle keeps the names of the tables. */
const overAsks = <T>(what: SQL, where: SQL) =>
  sql<T>`(${sql`select ${what} from ${enSusAsks} where ${enSusAsks.requestId} = ${enSusRequests.id} and ${where}`})`

/** A request, its commune, and how far its waves have come at an instant. */
const foundAt = (now: SQL | ReturnType<typeof p>) => ({
  request: enSusRequests,
  communeName: communes.name,
  wave: overAsks<number>(sql`coalesce(max(${enSusAsks.wave}), 0)`, sql`${enSusAsks.askedFrom} <= ${now}`),
  nextWaveAt: overAsks<Instant | null>(
    sql`min(${enSusAsks.askedFrom})`,
    sql`${enSusAsks.askedFrom} > ${now}`,
  ),
  asked: overAsks<number>(sql`count(*)`, sql`${enSusAsks.askedFrom} <= ${now}`),
  declined: overAsks<number>(sql`count(*)`, sql`${enSusAsks.answer} = 'declined'`),
})

const queries = prepared((db: Db) => ({
  find: db
    .select(foundAt(p('now')))
    .from(enSusRequests)
    .innerJoin(communes, eq(communes.insee, enSusRequests.commune))
    .where(eq(enSusRequests.id, p('id')))
    .prepare(),
  asks: db
    .select()
    .from(enSusAsks)
    .where(eq(enSusAsks.requestId, p('id')))
    .orderBy(asc(enSusAsks.wave), asc(enSusAsks.km), asc(enSusAsks.practitionerId))
    .prepare(),
  ask: db
    .select()
    .from(enSusAsks)
    .where(and(eq(enSusAsks.requestId, p('id')), eq(enSusAsks.practitionerId, p('practitionerId'))))
    .prepare(),
  next: db
    .select({
      at: sql<Instant | null>`min(${enSusRequests.expiresAt}, coalesce(case when ${enSusRequests.state} = 'asking'
        then ${overAsks(sql`min(${enSusAsks.askedFrom})`, sql`${enSusAsks.wave} > ${enSusRequests.waveTold}`)} end,
        ${enSusRequests.expiresAt}))`.as('at'),
    })
    .from(enSusRequests)
    .where(isOpen)
    .orderBy(sql`at`)
    .limit(1)
    .prepare(),
  due: db
    .select({ id: enSusRequests.id })
    .from(enSusRequests)
    .where(
      sql`${isOpen} and (${enSusRequests.expiresAt} <= ${p('now')} or (${enSusRequests.state} = 'asking'
        and exists (${sql`select 1 from ${enSusAsks} where ${enSusAsks.requestId} = ${enSusRequests.id}
          and ${enSusAsks.wave} > ${enSusRequests.waveTold} and ${enSusAsks.askedFrom} <= ${p('now')}`})))`,
    )
    .orderBy(asc(enSusRequests.expiresAt), asc(enSusRequests.id))
    .limit(p('limit'))
    .prepare(),
}))

export const insertRequest = (db: Db, row: RequestRow, asks: readonly AskRow[]): void => {
  db.insert(enSusRequests).values(row).run()
  for (const chunk of chunksFor(asks, 7)) db.insert(enSusAsks).values(chunk).run()
}

export interface Found {
  readonly request: RequestRow
  readonly communeName: string
  /** The wave that is being asked, or was when the asking ended; 0 when there was nobody to ask. */
  readonly wave: number
  readonly nextWaveAt: Instant | null
  /** GPs asked so far, and how many of them declined. */
  readonly asked: number
  readonly declined: number
}

export const findRequest = (db: Db, id: string, now: Instant): Found | undefined =>
  queries(db).find.get({ id, now })

export const updateRequest = (db: Db, id: string, change: Partial<RequestRow>): void => {
  db.update(enSusRequests)
    .set({ ...change, version: sql`${enSusRequests.version} + 1` })
    .where(eq(enSusRequests.id, id))
    .run()
}

/** Writes down that time ended a request, and empties what was said: nothing that anybody sees of it, so no new version. */
export const setExpired = (db: Db, id: string): void => {
  db.update(enSusRequests)
    .set({ state: 'expired', sealKeyId: null, sealed: null })
    .where(eq(enSusRequests.id, id))
    .run()
}

/** Notes how far the journal tells of the waves: nothing that anybody sees of the request. */
export const setWaveTold = (db: Db, id: string, wave: number): void => {
  db.update(enSusRequests).set({ waveTold: wave }).where(eq(enSusRequests.id, id)).run()
}

export const listAsks = (db: Db, id: string): AskRow[] => queries(db).asks.all({ id })

export const findAsk = (db: Db, id: string, practitionerId: string): AskRow | undefined =>
  queries(db).ask.get({ id, practitionerId })

/** Those who were not asked yet never will be: the asking is over. */
export const dropAsksAfter = (db: Db, id: string, now: Instant): void => {
  db.delete(enSusAsks)
    .where(and(eq(enSusAsks.requestId, id), gt(enSusAsks.askedFrom, now)))
    .run()
}

/** Open requests that have run out, or of which a wave began that nobody was told of; the first to end first. */
export const listDue = (db: Db, now: Instant, limit: number): string[] =>
  queries(db)
    .due.all({ now, limit })
    .map(({ id }) => id)

/** When a wave begins that nobody was told of, or an open request runs out, whichever is first; undefined with none open. */
export const nextDue = (db: Db): Instant | undefined => queries(db).next.get()?.at ?? undefined

/** Whose requests a reader lists: all, or those asked of a practitioner since an instant or taken by them. */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'practitioner'; readonly practitionerId: string; readonly since: Instant }

/** The state that a reader is shown, in SQL: what has run out is expired. */
const stateFilter = (state: EnSusState | undefined, now: Instant): SQL | undefined => {
  switch (state) {
    case undefined:
      return undefined
    case 'asking':
      return and(isOpen, eq(enSusRequests.state, 'asking'), gt(enSusRequests.expiresAt, now))
    case 'accepted':
      return and(isOpen, eq(enSusRequests.state, 'accepted'), gt(enSusRequests.expiresAt, now))
    case 'expired':
      return or(eq(enSusRequests.state, 'expired'), and(isOpen, lte(enSusRequests.expiresAt, now)))
    default:
      return eq(enSusRequests.state, state)
  }
}

const scopeFilter = (db: Db, scope: Scope, now: Instant): SQL | undefined =>
  scope.kind === 'all'
    ? undefined
    : inArray(
        enSusRequests.id,
        db
          .select({ id: enSusAsks.requestId })
          .from(enSusAsks)
          .where(
            and(
              eq(enSusAsks.practitionerId, scope.practitionerId),
              lte(enSusAsks.askedFrom, now),
              or(gte(enSusAsks.askedFrom, scope.since), eq(enSusAsks.answer, 'accepted')),
            ),
          ),
      )

/** Requests, the newest first, after a given one. */
export const listRequests = (
  db: Db,
  scope: Scope,
  state: EnSusState | undefined,
  now: Instant,
  after: { start: Instant; id: string } | undefined,
  limit: number,
): Found[] =>
  db
    .select(foundAt(sql`${now}`))
    .from(enSusRequests)
    .innerJoin(communes, eq(communes.insee, enSusRequests.commune))
    .where(
      and(
        scopeFilter(db, scope, now),
        stateFilter(state, now),
        after &&
          and(
            lte(enSusRequests.createdAt, after.start),
            or(lt(enSusRequests.createdAt, after.start), lt(enSusRequests.id, after.id)),
          ),
      ),
    )
    .orderBy(desc(enSusRequests.createdAt), desc(enSusRequests.id))
    .limit(limit)
    .all()

/** How a practitioner was asked for each of these requests. */
export const asksOf = (db: Db, practitionerId: string, ids: readonly string[]): Map<string, AskRow> =>
  new Map(
    db
      .select()
      .from(enSusAsks)
      .where(
        sql`${enSusAsks.requestId} in (select value from json_each(${JSON.stringify(ids)})) and ${enSusAsks.practitionerId} = ${practitionerId}`,
      )
      .all()
      .map((ask) => [ask.requestId, ask]),
  )

const rowid = sql<number>`rowid`

/** What is sealed in the requests after a given one, in the order of the table; null where nothing is. */
export const listSealed = (db: Db, after: number, limit: number) =>
  db
    .select({
      rowid,
      id: enSusRequests.id,
      keyId: enSusRequests.sealKeyId,
      sealed: enSusRequests.sealed,
    })
    .from(enSusRequests)
    .where(gt(rowid, after))
    .orderBy(asc(rowid))
    .limit(limit)
    .all()

export const updateSealed = (db: Db, id: string, sealKeyId: string, sealed: Uint8Array): void => {
  db.update(enSusRequests).set({ sealKeyId, sealed }).where(eq(enSusRequests.id, id)).run()
}
