import { describe, expect, it } from 'vitest'
import { z } from '@hono/zod-openapi'
import { routeOf } from './document.ts'
import { operation } from './operation.ts'

const shape = (id: string) =>
  operation({
    id,
    method: 'post',
    path: '/things/{id}',
    tag: 'Choses',
    summary: 'Faire une chose',
    roles: ['admin'],
    effect: 'mutate',
    params: z.strictObject({ id: z.string() }),
    success: { status: 204 },
    refusals: ['slot_taken', 'slot_overlap', 'not_found'],
  })

describe('what the document says of an operation', () => {
  it('[HTTP-15] is made once, whatever apps declare it', () => {
    const one = shape('doThing')
    const twice = [routeOf(one, []), routeOf(one, [])].map(({ route }) => route.request.params)
    expect(twice[0]).toBe(twice[1])
    expect(routeOf(shape('doThing'), []).route.request.params).not.toBe(twice[0])
  })

  it('[HTTP-15] names the problems of a status by their codes, in one order', () => {
    const { route, problems } = routeOf(shape('doThing'), [])
    expect(route.responses[409]).toEqual({ $ref: '#/components/responses/slot_overlap.slot_taken' })
    expect(route.responses[404]).toEqual({ $ref: '#/components/responses/not_found.unknown_territory' })
    expect(problems.find(({ status }) => status === 409)).toMatchObject({
      name: 'slot_overlap.slot_taken',
      response: { description: 'slot_overlap, slot_taken' },
    })
  })
})
