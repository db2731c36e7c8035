import type { Context } from 'hono'
import { ctxOf } from '../db/territory.ts'
import type { Actor } from '../kernel/ctx.ts'
import { absent } from '../kernel/refusal.ts'
import type { Edge } from './declare.ts'
import type { Api, AppEnv } from './http.ts'
import { problem, problemOf } from './problems.ts'
import { sendProblem } from './respond.ts'

/** Who reads by a link: nobody that a key names. */
const LINK: Actor = { kind: 'system', name: 'link' }

export const onLink = (edge: Edge): Api['onLink'] => {
  const { platform } = edge
  const { refuseFailure, refuseRate } = edge.admission
  return (shape, handler) => {
    const [, ending = ''] = shape.path.split('{secret}')
    const secretOf = (c: Context<AppEnv>): string => {
      // What follows the colon is the name, ending and all: hono has no parameter within a segment.
      const segment = c.req.param(`secret${ending}`) ?? ''
      return segment.endsWith(ending) ? segment.slice(0, segment.length - ending.length) : ''
    }
    const respond = (c: Context<AppEnv>): Response => {
      c.set('operation', shape.id)
      const now = platform.sources.clock()
      const territory = platform.findTerritory(c.req.param('territory') ?? '')
      if (!territory) return sendProblem(c, problem('unknown_territory', 'Ce territoire n’existe pas ici.'))
      c.set('territory', territory)
      return territory.read<Response>((db) => {
        const opened = handler(ctxOf(platform, territory.info, LINK, db), secretOf(c))
        if (!opened) return refuseFailure(c, now) ?? sendProblem(c, problemOf(absent('Lien')))
        const tooMany = refuseRate(c, opened.id, now)
        if (tooMany) return tooMany
        return c.newResponse(opened.text(), 200, {
          'content-type': `${shape.mediaType}; charset=utf-8`,
          'content-disposition': `inline; filename="${shape.fileName}"`,
          // Whoever asks with the secret may keep it a while, but nobody in between.
          'cache-control': 'private, max-age=300',
        })
      })
    }
    edge.declareLink(shape, respond)
  }
}
