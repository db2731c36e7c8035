import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { etag } from 'hono/etag'
import type { Ctx, Db } from '../db/db.ts'
import { ctxOf } from '../db/territory.ts'
import { componentsOf, routeOf, routeOfLink } from './document.ts'
import { admissionOf } from './guard.ts'
import type { App, AppEnv } from './http.ts'
import type { LinkShape, OperationShape } from './operation.ts'
import type { Platform } from './platform.ts'
import { invalidRequest, sendProblem } from './respond.ts'

type Respond = (c: Context<AppEnv>) => Response | Promise<Response>

/** What the ways of declaring an operation have in common: one app, its guards and its document. */
export interface Edge {
  readonly platform: Platform
  readonly app: App
  readonly admission: ReturnType<typeof admissionOf>
  /** What an action acts with, for the caller that the guards let in. */
  ctxFor(c: Context<AppEnv>, db: Db): Ctx
  /** A route behind all guards; `respond` sees only requests in the shape that the operation asks for. */
  declare(shape: OperationShape, respond: Respond): void
  /** A route without a key. */
  declareLink(shape: LinkShape, respond: Respond): void
}

export const edgeOf = (platform: Platform): Edge => {
  const app: App = new OpenAPIHono<AppEnv>({
    defaultHook: (result, c) => (result.success ? undefined : sendProblem(c, invalidRequest(result.error))),
  })
  const document = componentsOf(app)
  const admission = admissionOf(platform)

  const ctxFor: Edge['ctxFor'] = (c, db) => ctxOf(platform, c.var.territory.info, c.var.caller.actor, db)

  const declare: Edge['declare'] = (shape, respond) => {
    if (shape.roles.length === 0) throw new Error(`${shape.id} has no roles`)
    const { route, problems } = routeOf(shape, admission.guardsOf(shape))
    document(problems)
    app.openapi(route, (c) => respond(c as unknown as Context<AppEnv>) as never)
  }

  const declareLink: Edge['declareLink'] = (shape, respond) => {
    const { route, problems } = routeOfLink(shape, [etag()])
    document(problems)
    app.openapi(route, (c) => respond(c as unknown as Context<AppEnv>) as never)
  }

  return { platform, app, admission, ctxFor, declare, declareLink }
}
