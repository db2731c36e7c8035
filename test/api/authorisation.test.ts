import { describe, expect, it } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { App } from '../../src/edge/http.ts'
import { ROLES } from '../../src/kernel/ctx.ts'
import { nodeGround } from '../support/node-ground.ts'
import { makeWorld, type Answered, type Caller, type World } from '../support/world.ts'
import { documentOf, operationsOf, successOf, type Operation } from './document.ts'
import { EVERYTHING, makeStage, OBJECTS, type Objects, type Request, type Stage } from './objects.ts'

const withWorld = async <T>(fn: (world: World) => Promise<T>): Promise<T> => {
  const ground = nodeGround()
  try {
    return await fn(await makeWorld(ground))
  } finally {
    await ground.close()
  }
}

const withStage = <T>(fn: (stage: Stage) => Promise<T>): Promise<T> =>
  withWorld(async (world) => fn(await makeStage(world)))

const send = (caller: Caller, { method }: Operation, { path, body, csv }: Request): Promise<Answered> => {
  if (csv !== undefined)
    return caller.post(path, undefined, { raw: csv, headers: { 'content-type': 'text/csv' } })
  switch (method) {
    case 'get':
      return caller.get(path)
    case 'delete':
      return caller.delete(path)
    case 'post':
      return caller.post(path, body)
    case 'put':
      return caller.put(path, body)
    case 'patch':
      return caller.patch(path, body)
    default:
      throw new Error(`no way to send ${method}`)
  }
}

/** A key that looks right and is nobody's. */
const WRONG_KEY = `udj_92_${'A'.repeat(43)}`

/** Headers that may differ between two answers that must say the same. */
const headersOf = (answer: Answered) =>
  [...answer.headers].filter(([name]) => name !== 'x-request-id' && !name.startsWith('ratelimit-'))

/** What is wrong with a link: whoever has its address reads it, and for all others it is absent, whatever key they send. */
const faultsOfLink = async (operation: Operation, objects: Objects, stage: Stage): Promise<string[]> => {
  const { absent } = objects
  if (!absent) return [`${operation.operationId} has no absent object`]
  const own = await objects.own(stage, 'admin')
  const faults: string[] = []
  const refusals = new Set<string>()
  for (const caller of [stage.world.as(''), stage.world.as(WRONG_KEY), ...Object.values(stage.callers)]) {
    const read = await send(caller, operation, own)
    if (read.status !== successOf(operation))
      faults.push(`${operation.operationId}: ${read.status} instead of ${successOf(operation)}`)
    const refused = await send(caller, operation, absent)
    if (refused.status !== 404) faults.push(`${operation.operationId}: ${refused.status} instead of 404`)
    refusals.add(refused.text)
  }
  if (refusals.size !== 1) faults.push(`${operation.operationId} refuses in several ways`)
  return faults
}

/** What is wrong with who may call this operation and what they reach, in words; nothing when all is as documented. */
const faultsOf = async (operation: Operation, objects: Objects, stage: Stage): Promise<string[]> => {
  if (operation.isLink) return faultsOfLink(operation, objects, stage)
  const faults: string[] = []
  const expectStatus = (who: string, answer: Answered, status: number, code?: string) => {
    if (answer.status !== status || (code !== undefined && answer.body?.code !== code))
      faults.push(`${operation.operationId} ${who}: ${answer.status} instead of ${status} ${answer.text}`)
  }
  for (const [who, caller] of [
    ['without a key', stage.world.as('')],
    ['with a wrong key', stage.world.as(WRONG_KEY)],
  ] as const)
    expectStatus(
      who,
      await send(caller, operation, await objects.own(stage, 'admin')),
      401,
      'unauthenticated',
    )
  for (const role of ROLES) {
    const caller = stage.callers[role]
    const own = await send(caller, operation, await objects.own(stage, role))
    if (!operation.roles.includes(role)) {
      expectStatus(`as ${role}`, own, 403, 'forbidden')
      continue
    }
    expectStatus(`as ${role}, own object`, own, successOf(operation))
    if (objects.absent)
      expectStatus(
        `as ${role}, absent object`,
        await send(caller, operation, objects.absent),
        404,
        'not_found',
      )
    else if (operation.path.includes('{id}')) faults.push(`${operation.operationId} has no absent object`)
    const foreign = objects.foreign[role]
    if (foreign === undefined) faults.push(`${operation.operationId} says not what is foreign to ${role}`)
    if (foreign === undefined || foreign === EVERYTHING) continue
    for (const one of await foreign(stage)) {
      if ('list' in one) {
        const listed = await send(caller, operation, one.list)
        expectStatus(`as ${role}, list`, listed, successOf(operation))
        if (!listed.text.includes(one.shown))
          faults.push(`${operation.operationId} hides own ${one.shown} from ${role}`)
        if (listed.text.includes(one.hidden))
          faults.push(`${operation.operationId} shows foreign ${one.hidden} to ${role}`)
        continue
      }
      const [foreignId, absentId] = one.ids
      const answer = await send(caller, operation, one.foreign)
      const absent = await send(caller, operation, one.absent)
      expectStatus(`as ${role}, foreign object`, answer, 404, 'not_found')
      if (answer.text.replaceAll(foreignId, '…') !== absent.text.replaceAll(absentId, '…'))
        faults.push(
          `${operation.operationId} tells ${role} foreign from absent: ${answer.text} ${absent.text}`,
        )
      if (JSON.stringify(headersOf(answer)) !== JSON.stringify(headersOf(absent)))
        faults.push(`${operation.operationId} tells ${role} foreign from absent by headers`)
    }
  }
  return faults
}

/** Operations without an entry in the table, and entries without an operation. */
const forgotten = (operations: readonly Operation[], table: Readonly<Record<string, Objects>>): string[] => {
  const ids = operations.map(({ operationId }) => operationId)
  return [
    ...ids.filter((id) => !(id in table)).map((id) => `${id} is not in the table`),
    ...Object.keys(table)
      .filter((id) => !ids.includes(id))
      .map((id) => `${id} is not in the document`),
  ]
}

/** What the app answers outside of any territory: open to all, and nothing of a territory's data. */
const OUTSIDE = ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs', '/docs/scalar.js']

/** Routes that no operation of the document accounts for. */
const undeclared = (app: App, operations: readonly Operation[]): string[] => {
  const declared = new Set(operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`))
  const known = new Set([...OUTSIDE.map((path) => `GET ${path}`), 'ALL /*', 'ALL /{territory}/v1/*'])
  return [
    ...new Set(app.routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)),
  ].filter((route) => !declared.has(route) && !known.has(route))
}

const operations = await withWorld(async (world) => operationsOf(documentOf(world.app)))

describe('every operation × every role × own and foreign objects', () => {
  for (const operation of operations)
    it(`[ACCESS-1][ACCESS-2][ACCESS-3][ACCESS-4] ${operation.operationId}`, async () => {
      const objects = OBJECTS[operation.operationId]
      if (!objects) throw new Error(`say in objects.ts what is own and foreign to ${operation.operationId}`)
      expect(await withStage((stage) => faultsOf(operation, objects, stage))).toEqual([])
    })

  it('[ACCESS-5] no operation of the document is without an entry in the table, nor the other way round', () => {
    expect(forgotten(operations, OBJECTS)).toEqual([])
    expect(operations.length).toBeGreaterThan(30)
  })

  it('[ACCESS-5] every route of the application is an operation of the document', async () => {
    await withWorld(async (world) => {
      expect(undeclared(world.app, operations)).toEqual([])
      for (const { method, path } of operations)
        expect(
          world.app.routes.some(
            (route) =>
              route.method === method.toUpperCase() && route.path.replace(/:(\w+)/g, '{$1}') === path,
          ),
        ).toBe(true)
    })
  })
})

describe('the checks of this file can fail', () => {
  const find = (id: string): [Operation, Objects] => {
    const operation = operations.find(({ operationId }) => operationId === id)
    const objects = OBJECTS[id]
    if (!operation || !objects) throw new Error(`no ${id}`)
    return [operation, objects]
  }

  it('[ACCESS-2] a role planted in the document, or taken from it, is reported', async () => {
    const [operation, objects] = find('getSlot')
    const planted = await withStage((stage) =>
      faultsOf({ ...operation, roles: [...operation.roles, 'auditor'] }, objects, stage),
    )
    expect(planted.join('\n')).toContain('getSlot as auditor, own object: 403 instead of 200')
    const taken = await withStage((stage) => faultsOf({ ...operation, roles: ['admin'] }, objects, stage))
    expect(taken.join('\n')).toContain('getSlot as regulator: 200 instead of 403')
  })

  it('[ACCESS-1] a link that asks for a key, or opens for who does not know it, is reported', async () => {
    const [operation, objects] = find('getSlot')
    const keyed = await withStage((stage) => faultsOf({ ...operation, isLink: true }, objects, stage))
    expect(keyed.join('\n')).toContain('getSlot: 401 instead of 200')
    const [link, feeds] = find('readFeed')
    const open = await withStage((stage) =>
      faultsOf(link, { ...feeds, own: () => feeds.absent!, absent: { path: '/communes' } }, stage),
    )
    expect(open.join('\n')).toContain('readFeed: 404 instead of 200')
    expect(open.join('\n')).toContain('readFeed: 200 instead of 404')
  })

  it('[ACCESS-3] an object that can be reached though it is called foreign is reported', async () => {
    const [operation, objects] = find('getSlot')
    const faults = await withStage((stage) =>
      faultsOf(
        operation,
        {
          ...objects,
          foreign: {
            ...objects.foreign,
            practitioner: async ({ own, slot }) => {
              const id = await slot(own)
              const absent = 'slot_7zzzzzzzzzzzzzzzzzzzzzzzzz'
              return [
                {
                  foreign: { path: `/slots/${id}` },
                  absent: { path: `/slots/${absent}` },
                  ids: [id, absent],
                },
              ]
            },
          },
        },
        stage,
      ),
    )
    expect(faults.join('\n')).toContain('getSlot as practitioner, foreign object: 200 instead of 404')
    expect(faults.join('\n')).toContain('getSlot tells practitioner foreign from absent')
  })

  it('[ACCESS-3] a list that shows what is called foreign, or hides what is own, is reported', async () => {
    const [operation, objects] = find('listSlots')
    const faults = await withStage((stage) =>
      faultsOf(
        operation,
        {
          ...objects,
          foreign: {
            ...objects.foreign,
            practitioner: async ({ own, other, slot }) => [
              { list: { path: '/slots' }, shown: await slot(other), hidden: await slot(own) },
            ],
          },
        },
        stage,
      ),
    )
    expect(faults).toHaveLength(2)
  })

  it('[ACCESS-5] an operation or an entry that was forgotten is reported', () => {
    const { getSlot, ...rest } = OBJECTS
    if (!getSlot) throw new Error('no getSlot')
    expect(forgotten(operations, rest)).toEqual(['getSlot is not in the table'])
    expect(forgotten(operations, { ...OBJECTS, planted: getSlot })).toEqual([
      'planted is not in the document',
    ])
  })

  it('[ACCESS-5] a route that goes round the declaration of operations is reported', async () => {
    await withWorld(async (world) => {
      const app = createApp(world.platform)
      app.get('/:territory/v1/planted', (c) => c.text('open'))
      expect(undeclared(app, operations)).toEqual(['GET /{territory}/v1/planted'])
    })
  })
})
