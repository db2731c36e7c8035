import type { Context } from 'hono'
import type { Ctx } from '../db/db.ts'
import { Refused, type Refusal } from '../kernel/refusal.ts'
import { findAnswer, keepAnswer, type Answer, type Asked } from './answers.ts'
import type { AppEnv } from './http.ts'
import type { OperationShape } from './operation.ts'
import type { Platform } from './platform.ts'
import { refusalAnswer, send } from './respond.ts'

/** An answer under an idempotency key, and whether it is the one of before. */
export interface Told {
  readonly answer: Answer
  readonly replayed: boolean
}

const KEY_REUSED: Refusal = {
  code: 'idempotency_key_reused',
  detail: 'Cette clé a déjà servi à une requête différente.',
}

/** The body as it was sent, so that no two read alike. */
const textOfBody = async (c: Context<AppEnv>, shape: OperationShape): Promise<string> => {
  if (shape.bodyMediaType !== undefined) return Buffer.from(await c.req.arrayBuffer()).toString('latin1')
  return shape.body ? c.req.text() : ''
}

/** Who asks what under which key. */
export const askedOf = async (c: Context<AppEnv>, shape: OperationShape): Promise<Asked> => ({
  caller: c.var.caller.actor.keyId,
  key: c.req.header('idempotency-key') ?? '',
  request: `${c.req.method} ${c.req.path}${new URL(c.req.url).search}\n${await textOfBody(c, shape)}`,
})

/** What this key was answered before, if it has served. */
export const findTold = (
  platform: Platform,
  ctx: Ctx,
  shape: OperationShape,
  asked: Asked,
): Told | undefined => {
  const found = findAnswer(ctx, asked)
  if (found === 'reused')
    return { answer: refusalAnswer(platform, shape, new Refused(KEY_REUSED)), replayed: false }
  return found && { answer: found, replayed: true }
}

/** The answer that the key was given before, or the one now decided, kept in the transaction of its effect. */
export const decideOnce = (
  platform: Platform,
  ctx: Ctx,
  shape: OperationShape,
  asked: Asked,
  decideNow: () => Answer,
): Told => {
  const told = findTold(platform, ctx, shape, asked)
  if (told) return told
  const answer = decideNow()
  keepAnswer(ctx, asked, answer)
  return { answer, replayed: false }
}

export const sendTold = (c: Context<AppEnv>, { answer, replayed }: Told): Response =>
  send(c, answer, replayed ? { 'Idempotent-Replayed': 'true' } : {})
