import { and, asc, eq, gt, inArray, lte, sql } from 'drizzle-orm'
import { prepared, type Ctx, type Db } from '../db/db.ts'
import { keyedHash, open, seal } from '../kernel/sealing.ts'
import { DAY, plus } from '../kernel/time.ts'
import { answers } from './tables.ts'

/** What the caller got, or will get again. */
export interface Answer {
  readonly status: number
  readonly body: string | null
  readonly headers: Readonly<Record<string, string>>
}

/** A decided answer is repeated for 7 days (IDEM-5). */
const KEPT = 7 * DAY

const queries = prepared((db: Db) => ({
  find: db
    .select()
    .from(answers)
    .where(and(eq(answers.caller, sql.placeholder('caller')), eq(answers.key, sql.placeholder('key'))))
    .prepare(),
  upsert: db
    .insert(answers)
    .values({
      caller: sql.placeholder('caller'),
      key: sql.placeholder('key'),
      requestHash: sql.placeholder('requestHash'),
      sealKeyId: sql.placeholder('sealKeyId'),
      sealed: sql.placeholder('sealed'),
      subject: sql.placeholder('subject'),
      expiresAt: sql.placeholder('expiresAt'),
    })
    .onConflictDoUpdate({
      target: [answers.caller, answers.key],
      set: {
        requestHash: sql`excluded.request_hash`,
        sealKeyId: sql`excluded.seal_key_id`,
        sealed: sql`excluded.sealed`,
        subject: sql`excluded.subject`,
        expiresAt: sql`excluded.expires_at`,
      },
    })
    .prepare(),
}))

export interface Asked {
  readonly caller: string
  readonly key: string
  /** Method, path with its query, and body, exactly as sent. */
  readonly request: string
}

/** What an answer is sealed for. */
const placeOf = (asked: Pick<Asked, 'caller' | 'key'>) => `${asked.caller}/${asked.key}`

const isSame = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i])

/** The answer first given to this key, `'reused'` when the key came with another request, undefined when it is new. */
export const findAnswer = (ctx: Ctx, asked: Asked): Answer | 'reused' | undefined => {
  const row = queries(ctx.db).find.get({ caller: asked.caller, key: asked.key })
  if (!row || row.expiresAt <= ctx.now) return undefined
  if (!isSame(row.requestHash, keyedHash(ctx.keyRing, 'request', asked.request))) return 'reused'
  const text = open(ctx.keyRing, placeOf(asked), { keyId: row.sealKeyId, sealed: row.sealed })
  return JSON.parse(text) as Answer
}

/** The booking that an answer shows, with its patient perhaps; a refusal shows none. */
const subjectOf = ({ status, body }: Answer): string | null => {
  if (status >= 300 || !body?.includes('"book_')) return null
  const { id } = JSON.parse(body) as { id?: unknown }
  return typeof id === 'string' && id.startsWith('book_') ? id : null
}

/** Keeps a decided answer, in the transaction of its effect. */
export const keepAnswer = (ctx: Ctx, asked: Asked, answer: Answer): void => {
  const { keyId, sealed } = seal(ctx.keyRing, ctx.random, placeOf(asked), JSON.stringify(answer))
  queries(ctx.db).upsert.run({
    caller: asked.caller,
    key: asked.key,
    requestHash: keyedHash(ctx.keyRing, 'request', asked.request),
    sealKeyId: keyId,
    sealed,
    subject: subjectOf(answer),
    expiresAt: plus(ctx.now, KEPT),
  })
}

/** Forgets up to `limit` answers past their time; returns how many. */
export const forgetAnswers = (ctx: Ctx, limit: number): number => {
  const due = ctx.db
    .select({ rowid: sql<number>`rowid` })
    .from(answers)
    .where(lte(answers.expiresAt, ctx.now))
    .limit(limit)
  return ctx.db
    .delete(answers)
    .where(inArray(sql`rowid`, due))
    .returning({ caller: answers.caller })
    .all().length
}

/** Puts `answer` in the place of those that show this object: their keys stay spent, so that nothing is done again. */
export const replaceAnswers = (ctx: Ctx, subject: string, answer: Answer): void => {
  const shown = ctx.db
    .select({ caller: answers.caller, key: answers.key })
    .from(answers)
    .where(eq(answers.subject, subject))
    .all()
  for (const asked of shown) {
    const { keyId, sealed } = seal(ctx.keyRing, ctx.random, placeOf(asked), JSON.stringify(answer))
    ctx.db
      .update(answers)
      .set({ sealKeyId: keyId, sealed, subject: null })
      .where(and(eq(answers.caller, asked.caller), eq(answers.key, asked.key)))
      .run()
  }
}

/** Seals again those of the next `limit` answers that another key than the current one sealed. */
export const resealAnswers = (ctx: Ctx, after: number, limit: number) => {
  const rowid = sql<number>`rowid`
  const rows = ctx.db
    .select({
      rowid,
      caller: answers.caller,
      key: answers.key,
      keyId: answers.sealKeyId,
      sealed: answers.sealed,
    })
    .from(answers)
    .where(gt(rowid, after))
    .orderBy(asc(rowid))
    .limit(limit)
    .all()
  const old = rows.filter(({ keyId }) => keyId !== ctx.keyRing.current)
  for (const row of old) {
    const { keyId, sealed } = seal(
      ctx.keyRing,
      ctx.random,
      placeOf(row),
      open(ctx.keyRing, placeOf(row), row),
    )
    ctx.db.update(answers).set({ sealKeyId: keyId, sealed }).where(eq(rowid, row.rowid)).run()
  }
  return { seen: rows.length, last: rows.at(-1)?.rowid ?? after, resealed: old.length }
}
