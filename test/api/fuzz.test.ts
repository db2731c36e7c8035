import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ROLES } from '../../src/kernel/ctx.ts'
import { rppsOf } from '../support/members.ts'
import { makeRequest, OF_CLASS, openIntake } from '../support/allocations.ts'
import { CENSUS } from '../support/attachment.ts'
import { nodeGround } from '../support/node-ground.ts'
import { intakeBody } from '../support/allocations.ts'
import { COMMUNES, makeWorld, type World } from '../support/world.ts'
import { cases, type Case, type Known } from './arbitraries.ts'
import { documentOf, operationsOf, type Document, type Operation } from './document.ts'
import {
  CALENDAR,
  dutyOf,
  enSusOf,
  feedOf,
  makeStage,
  proposalOf,
  swapOf,
  swapToApprove,
  webhookOf,
  type Stage,
} from './objects.ts'
import { validatorsOf, type Validators } from './schemas.ts'

const withWorld = async <T>(fn: (world: World) => Promise<T>): Promise<T> => {
  const ground = nodeGround()
  try {
    return await fn(await makeWorld(ground))
  } finally {
    await ground.close()
  }
}

interface Received {
  readonly status: number
  readonly type: string | null
  readonly text: string
}

type Send = (operation: Operation, secret: string, one: Case) => Promise<Received>

const sendTo =
  (app: { request(path: string, init: RequestInit): Response | Promise<Response> }): Send =>
  async (operation, secret, { path, headers, body }) => {
    const response = await app.request(`/92/v1${path}`, {
      method: operation.method.toUpperCase(),
      headers: { ...headers, authorization: `Bearer ${secret}` },
      ...(body === undefined ? {} : { body }),
    })
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
    }
  }

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What is wrong with an answer by the document. */
const faultsOf = (
  operation: Operation,
  validators: Validators,
  { status, type, text }: Received,
): string[] => {
  if (status >= 500) return [`${status} ${text}`]
  const response = operation.responses[String(status)]
  if (!response) return [`${status} is not documented`]
  const contents = Object.entries(response.content ?? {})
  if (contents.length === 0) return text === '' ? [] : [`${status} with a body`]
  // Text says its character set, JSON has but one.
  const [mediaType, content] =
    contents.find(([one]) => type === (one.startsWith('text/') ? `${one}; charset=utf-8` : one)) ?? []
  if (mediaType === undefined || content === undefined)
    return [`${status} as ${type} instead of ${contents.map(([one]) => one).join(' or ')}`]
  return validators
    .faults(content.schema, mediaType.endsWith('json') ? parsed(text) : text)
    .map((fault) => `${status}: ${fault} in ${text}`)
}

/** What a GP has said of their days in a sector, by prefix of the ids. */
const notesOf = async (sector: string, { id, caller }: Stage['own']): Promise<Record<string, string[]>> => {
  const days = { practitionerId: id, from: '2026-12-01', to: '2027-12-31' }
  const add = async (what: string, more: Record<string, unknown>) => [
    (await caller.post(`/sectors/${sector}/${what}`, { ...days, ...more })).body.id as string,
  ]
  return {
    rstr: await add('restrictions', { source: 'self', class: 'other' }),
    wish: await add('wishes', { want: 'avoid' }),
    absn: await add('absences', {}),
  }
}

/** A rota of each sector: a draft, one that was generated, one that is published; and the shifts of the first. */
const rotasOf = async (world: World, sectors: readonly string[]): Promise<Record<string, string[]>> => {
  const rota: string[] = []
  for (const sectorId of sectors) {
    const body = { sectorId, from: '2027-01-05', to: '2027-01-05', exceptional: true }
    rota.push((await world.admin.post('/rotas', body)).body.id as string)
  }
  await world.admin.post(`/rotas/${rota[1] ?? ''}/generate`, {})
  for (const to of ['consultation', 'validated', 'sent_to_cdom', 'published'])
    await world.admin.post(`/rotas/${rota[2] ?? ''}/transition`, { to })
  const { items } = (await world.admin.get(`/rotas/${rota[0] ?? ''}/shifts`)).body
  return { rota, shft: items.map((shift: { id: string }) => shift.id) }
}

/** Changes that each of those who fuzz can do something with, and shifts of which one can be asked. */
const swapsOf = async (stage: Stage): Promise<Record<string, string[]>> => {
  const { own, other } = stage
  const swap: string[] = []
  for (let i = 0; i < 3; i++)
    swap.push(
      await swapOf(stage, own, own),
      await swapOf(stage, other, other, own),
      await swapToApprove(stage, own),
    )
  const shft: string[] = []
  for (let i = 0; i < 3; i++) shft.push(await dutyOf(stage, await stage.sector(own), own))
  return { swap, shft }
}

/** Requests, and simulations in which all of them are. */
const allocationsOf = async ({ world, own }: Stage): Promise<Record<string, string[]>> => {
  const { communityId } = own
  await openIntake(world, own.id)
  const mtrq: string[] = []
  for (let i = 0; i < 3; i++) mtrq.push(await makeRequest(world, communityId, { flags: [OF_CLASS[1]] }))
  const allo: string[] = []
  for (let i = 0; i < 8; i++)
    allo.push((await world.admin.post('/allocations', { communityId })).body.id as string)
  return { mtrq, allo }
}

/** What requests and rules say that gets past the door: of the past, in order, each once. */
const CENSUS_KNOWN: Known = {
  at: ['2026-11-20T10:00:00+01:00'],
  email: ['alix@example.org'],
  alreadySeenBy: [undefined, rppsOf(900_002)],
  lat: [undefined],
  lon: [undefined],
  maxKm: [8],
  number: [0],
  state: [undefined],
  classThresholds: [[60, 40, 25, 10]],
  grid: [[{ rule: 'ald', points: 30 }], []],
  answerDays: [7],
  reminderDays: [4],
  weeklyRun: [null, { weekday: 1, at: '06:00' }],
  file: [CENSUS, CENSUS.replaceAll(';', ','), CENSUS.replace('0639980001', '12'), 'a;b'],
}

/** Things that exist, so that many requests get past the door. */
const knownOf = async (stage: Stage, { path }: Operation): Promise<Known> => {
  const { world, own, other } = stage
  const many = async (count: number, make: (i: number) => Promise<string>): Promise<string[]> => {
    const made: string[] = []
    for (let i = 0; i < count; i++) made.push(await make(i))
    return made
  }
  const key = async () =>
    (await world.admin.post('/keys', { role: 'auditor', label: 'essai' })).body.id as string
  const offered = { audiences: ['PUBLIC', 'PRO', 'SNP'], capacity: 3 }
  // The GP that asks for feeds has none yet: there is a limit.
  const feeds = [await feedOf(other), await feedOf(other), await feedOf(other)]
  const sectors = await many(3, (i) => (i === 2 ? stage.sector(other) : stage.sector(own)))
  const byPrefix: Record<string, string[]> = {
    slot: await many(6, (i) => stage.slot(i % 3 === 2 ? other : own, offered)),
    seri: await many(3, (i) => stage.series(i === 2 ? other : own)),
    book: await many(8, (i) => stage.booking(i % 4 === 3 ? other : own)),
    hold: await many(
      4,
      async () => (await world.admin.post(`/slots/${await stage.slot(own)}/holds`)).body.id as string,
    ),
    enus: await many(8, (i) => enSusOf(stage, own, i % 2 === 1)),
    hook: await many(8, () => webhookOf(world.admin)),
    feed: feeds.map(({ id }) => id),
    akey: await many(4, key),
    prac: [own.id, own.id, own.id, other.id],
    site: [own.siteId, own.siteId, own.siteId, other.siteId],
    cpts: [own.communityId, own.communityId, other.communityId],
    sect: sectors,
    ...(await rotasOf(world, sectors)),
    ...(await notesOf(sectors[0] ?? '', own)),
    // Many requests each: only for who asks about them.
    ...(path.includes('/allocations') ? await allocationsOf(stage) : {}),
    ...(path.includes('/mt-requests')
      ? { mtrq: await many(12, () => makeRequest(world, own.communityId, { flags: [{}, {}] })) }
      : {}),
    ...(path.includes('/proposals')
      ? { prop: await many(12, (i) => proposalOf(stage, i % 4 === 3 ? other : own, i % 2 === 1)) }
      : {}),
    ...(path.includes('/swaps') ? await swapsOf(stage) : {}),
  }
  if (path.endsWith('/intake')) await own.caller.put(`/practitioners/${own.id}/intake`, intakeBody())
  // Some patients are no longer expected: only those can be erased.
  for (const id of byPrefix.book?.slice(0, 2) ?? [])
    await world.admin.post(`/bookings/${id}/cancel`, { reason: 'patient' })
  return {
    ...Object.fromEntries(
      Object.entries(byPrefix).map(([prefix, ids]) => [
        `^${prefix}_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$`,
        ids,
      ]),
    ),
    '^(?:\\d{5}|2[AB]\\d{3})$': COMMUNES.map(({ insee }) => insee),
    secret: feeds.map(({ path }) => path.replace(/^\/feeds\/|\.ics$/g, '')),
    calendar: [CALENDAR, CALENDAR.replace('WEEKLY', 'DAILY')],
    rpps: Array.from({ length: 200 }, (_, i) => rppsOf(900_000 + i)),
    url: ['https://agenda.example/urgences', 'https://localhost/', 'http://agenda.example/'],
    email: ['gp@cabinet.example', 'a.b+c@cabinet.example'],
    medecinTraitantRpps: [rppsOf(900_000), rppsOf(900_001)],
    phone: ['+33199000003', '01 99 00 00 04', '06.39.98.00.05'],
    rrule: [
      'FREQ=WEEKLY;BYDAY=MO,TH',
      'FREQ=DAILY;INTERVAL=2',
      'FREQ=MONTHLY;BYDAY=1SA',
      'FREQ=WEEKLY;COUNT=3',
    ],
    durationMinutes: [60, 30],
    slotMinutes: [15, 30],
    start: ['2026-11-26T07:00:00+01:00', '2026-11-26T09:30Z', '2026-11-26T12:00:00+01:00'],
    end: ['2026-11-26T09:00:00+01:00', '2026-11-26T11:30Z', '2026-11-26T20:00:00+01:00'],
    localStart: ['2026-11-26T09:00', '2026-12-01T14:30', '2027-03-28T02:30'],
    shiftTypes: [['evening'], ['evening', 'night'], []],
    number: ['1', '2'],
    place: [1],
    ...(path.includes('/proposals') ? { reason: ['capacity', 'distance'], at: ['2026-11-23'] } : {}),
    // A change that says no more than it must: of those that say something of everything few are whole.
    ...(path.includes('/mt-requests') || path.includes('/allocation-rules') ? CENSUS_KNOWN : {}),
    ...(path.includes('/swaps')
      ? { kind: ['open'], withShiftId: [undefined], withPlace: [undefined], outside: [undefined] }
      : {}),
  }
}

/** Sends every case as this holder, and hands back the statuses seen. */
const fuzz = async (
  document: Document,
  operation: Operation,
  known: Known,
  secretOf: () => string,
  send: Send,
  numRuns: number,
): Promise<Set<number>> => {
  const validators = validatorsOf(document)
  const seen = new Set<number>()
  await fc.assert(
    fc.asyncProperty(cases(document, operation, known), async (one) => {
      const received = await send(operation, secretOf(), one)
      seen.add(received.status)
      const faults = faultsOf(operation, validators, received)
      if (faults.length > 0) throw new Error(faults.join('\n'))
    }),
    { seed: 20261123, numRuns },
  )
  return seen
}

const document = await withWorld(async (world) => documentOf(world.app))

describe('100 requests of each operation, half of them wrong', () => {
  for (const operation of operationsOf(document))
    it(`[HTTP-16] ${operation.operationId} answers as documented, never 5xx`, async () => {
      await withWorld(async (world) => {
        const stage = await makeStage(world)
        const known = await knownOf(stage, operation)
        // Whether a patient came is known once it was time.
        if (operation.operationId === 'recordOutcome') world.clock.set('2026-11-23T20:00:00+01:00')
        const send = sendTo(world.app)
        const holder = operation.roles.includes('admin') ? 'admin' : (operation.roles[0] ?? 'admin')
        const seen = await fuzz(document, operation, known, () => stage.callers[holder].secret, send, 100)
        let turn = 0
        const anyRole = () => stage.callers[ROLES[turn++ % ROLES.length] ?? 'admin'].secret
        const seenByRoles = await fuzz(document, operation, known, anyRole, send, 50)
        // Cases that never got in, or were never refused, would prove nothing.
        const isGood = (status: number) => status >= 200 && status < 300
        expect([...seen].some(isGood)).toBe(true)
        if (operation.requestBody) expect([...seen]).toEqual(expect.arrayContaining([400, 415]))
        if (!operation.isLink && operation.roles.length < ROLES.length) expect(seenByRoles).toContain(403)
        expect(world.logged.filter(({ level }) => level === 'error')).toEqual([])
      })
    })

  it('[HTTP-16] an answer that is not as documented is found', async () => {
    const operation = operationsOf(document).find(({ operationId }) => operationId === 'getSlot')
    if (!operation) throw new Error('no getSlot')
    const validators = validatorsOf(document)
    const json = (status: number, body: unknown, type = 'application/json'): Received => ({
      status,
      type,
      text: JSON.stringify(body),
    })
    const notFound = { type: 'x', title: 'x', status: 404, code: 'not_found', detail: 'x' }
    expect(faultsOf(operation, validators, json(404, notFound, 'application/problem+json'))).toEqual([])
    for (const wrong of [
      json(500, { ...notFound, code: 'internal' }, 'application/problem+json'),
      json(418, {}),
      json(204, ''),
      json(200, { id: 'slot' }),
      json(404, notFound),
      json(404, { ...notFound, code: 'slot_taken' }, 'application/problem+json'),
      { status: 404, type: 'application/problem+json', text: 'Not Found' },
    ])
      expect(faultsOf(operation, validators, wrong)).not.toEqual([])

    await withWorld(async (world) => {
      const stage = await makeStage(world)
      const known = await knownOf(stage, operation)
      const real = sendTo(world.app)
      /** What the fuzzing says of an app that answers otherwise. */
      const verdict = async (change: (received: Received) => Received): Promise<string> => {
        const send: Send = async (...given) => change(await real(...given))
        try {
          await fuzz(document, operation, known, () => world.admin.secret, send, 100)
          return 'as documented'
        } catch (error) {
          return String((error as Error).cause)
        }
      }
      expect(await verdict((received) => received)).toBe('as documented')
      expect(
        await verdict((received) => ({ ...received, status: received.status === 200 ? 202 : 404 })),
      ).toContain('202 is not documented')
      expect(
        await verdict((received) => ({ ...received, text: received.text.replace('{', '{"leak":1,') })),
      ).toContain('leak')
    })
  })
})
