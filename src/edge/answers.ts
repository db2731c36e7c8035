import { and, eq, inArray, lte, sql } from 'drizzle-orm'
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

/** A decided answer is repeated for 7 days (API.md). */
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
      expiresAt: sql.placeholder('expiresAt'),
    })
    .onConflictDoUpdate({
      target: [answers.caller, answers.key],
      set: {
        requestHash: sql`excluded.request_hash`,
        sealKeyId: sql`excluded.seal_key_id`,
        sealed: sql`excluded.sealed`,
        expiresAt: sql`excluded.expires_at`,
      },
    })
    .prepare(),
}))

export interface Asked {
  readonly caller: string
  readonly key: string
  /** Method, path and body exactly as sent. */
  readonly request: string
}

const subjectOf = (asked: Asked) => `${asked.caller}/${asked.key}`

const isSame = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i])

/** The answer first given to this key, `'reused'` when the key came with another request, undefined when it is new. */
export const findAnswer = (ctx: Ctx, asked: Asked): Answer | 'reused' | undefined => {
  const row = queries(ctx.db).find.get({ caller: asked.caller, key: asked.key })
  if (!row || row.expiresAt <= ctx.now) return undefined
  if (!isSame(row.requestHash, keyedHash(ctx.keyRing, 'request', asked.request))) return 'reused'
  const text = open(ctx.keyRing, subjectOf(asked), { keyId: row.sealKeyId, sealed: row.sealed })
  return JSON.parse(text) as Answer
}

/** Keeps a decided answer, in the transaction of its effect. */
export const keepAnswer = (ctx: Ctx, asked: Asked, answer: Answer): void => {
  const { keyId, sealed } = seal(ctx.keyRing, ctx.random, subjectOf(asked), JSON.stringify(answer))
  queries(ctx.db).upsert.run({
    caller: asked.caller,
    key: asked.key,
    requestHash: keyedHash(ctx.keyRing, 'request', asked.request),
    sealKeyId: keyId,
    sealed,
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
