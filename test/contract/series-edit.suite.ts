import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { book, cancelBooking, type BookingInput } from '../../src/bookings/actions.ts'
import { holdSlot } from '../../src/bookings/holds/actions.ts'
import type { Ctx, Tx } from '../../src/db/db.ts'
import { addDays, findLocalDateTime, getLocalDate } from '../../src/kernel/civil.ts'
import type { Actor } from '../../src/kernel/ctx.ts'
import { Refused } from '../../src/kernel/refusal.ts'
import { DAY, HOUR, MINUTE, plus, type Instant } from '../../src/kernel/time.ts'
import { placeSlot, withdrawSlot } from '../../src/slots/actions.ts'
import { createSeries, extendSeries, getSeries, type SeriesInput } from '../../src/slots/series/actions.ts'
import { editSeries, type SeriesEdit } from '../../src/slots/series/edit/actions.ts'
import { actorOf, dream, everyPage } from '../support/attempt.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { at, SYSTEM, type Answered, type Caller, type World } from '../support/world.ts'

interface Shown {
  readonly id: string
  readonly start: string
  readonly end: string
  readonly status: string
  readonly origin: string
  readonly capacity: number
  readonly seriesId?: string
}

const newGp = async (world: World) => makeGp(world, await makeCommunity(world, '92050'))

/** Mondays and Thursdays 09:00–10:00 in four slots, from Monday 23 November 2026. */
const seriesBody = (gp: Member, more: Record<string, unknown> = {}) => ({
  practitionerId: gp.id,
  siteId: gp.siteId,
  rrule: 'FREQ=WEEKLY;BYDAY=MO,TH',
  localStart: '2026-11-23T09:00',
  durationMinutes: 60,
  slotMinutes: 15,
  ...more,
})

const created = async (gp: Member, more: Record<string, unknown> = {}): Promise<Answered['body']> => {
  const answer = await gp.caller.post('/series', seriesBody(gp, more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

const edit = (gp: Member, id: string, body: Record<string, unknown>) =>
  gp.caller.post(`/series/${id}/edit`, body)

const edited = async (gp: Member, id: string, body: Record<string, unknown>): Promise<Answered['body']> => {
  const answer = await edit(gp, id, body)
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

const slotsOf = (caller: Caller, query = ''): Promise<Shown[]> => everyPage(caller, `/slots${query}`, 200)

const timesOf = (slots: readonly Shown[]) => slots.map(({ start }) => start.slice(0, 16))

const open = async (gp: Member) => slotsOf(gp.caller, '?status=open')

const onDate = (slots: readonly Shown[], date: string) => slots.filter(({ start }) => start.startsWith(date))

const booked = async (regulator: Caller, slotId: string): Promise<string> => {
  const answer = await regulator.post('/bookings', bookingBody(slotId))
  expect(answer.status, answer.text).toBe(201)
  return answer.body.id
}

const ticked = async (world: World, ...nows: string[]) => {
  for (const now of nows) {
    world.clock.set(now)
    expect(await world.tick()).toEqual([])
  }
}

type Row = Readonly<Record<string, string | number | null>>

/** Every row that an edit could touch, all columns, as the database has them. */
interface Snapshot {
  readonly slots: readonly Row[]
  readonly bookings: readonly Row[]
  readonly series: readonly Row[]
  readonly identities: readonly Row[]
  readonly events: number
}

const snapshot = (tx: Tx): Snapshot => {
  const rows = (table: string, columns = '*') =>
    tx.db.all<Row>(sql.raw(`select ${columns} from ${table} order by id`))
  return {
    slots: rows('slots'),
    bookings: rows('bookings'),
    series: rows('series'),
    identities: rows('identities', 'id, hex(sealed) as sealed'),
    events: rows('events', 'id').length,
  }
}

/** What a sequence of commands has taken away by hand, which nothing may bring back. */
interface Memory {
  readonly withdrawn: { series: string; start: number; end: number }[]
  readonly dropped: { series: string; date: string }[]
}

const lineageOf = (series: readonly Row[], id: unknown): unknown[] => {
  const found = series.find((row) => row.id === id)
  return found ? [found.id, ...lineageOf(series, found.follows)] : []
}

/** What a step did that it must not. `isEdit` when the step was an edit and nothing else. */
const faults = (
  before: Snapshot,
  after: Snapshot,
  memory: Memory,
  now: number,
  isEdit: boolean,
): string[] => {
  const found: string[] = []
  const text = (row: unknown) => JSON.stringify(row)
  if (isEdit) {
    const hasSeat = new Set(
      before.bookings
        .filter(
          ({ status, expires_at }) =>
            status !== 'cancelled' && (status !== 'held' || Number(expires_at) > now),
        )
        .map((row) => row.slot_id),
    )
    const later = new Map(after.slots.map((row) => [row.id, row]))
    for (const row of before.slots) {
      if (Number(row.start) > now && !hasSeat.has(row.id)) continue
      const isMarked = hasSeat.has(row.id) && later.get(row.id)?.withdrawn_reason === 'series_ended'
      const expected =
        isMarked && Number(row.start) > now ? { ...row, withdrawn_reason: 'series_ended' } : row
      if (text(later.get(row.id)) !== text(expected)) found.push(`slot ${row.id} changed`)
    }
    const terms = ({ needs_attention: _flag, version: _version, ...row }: Row) => row
    if (text(before.bookings.map(terms)) !== text(after.bookings.map(terms))) found.push('a booking changed')
    if (text(before.identities) !== text(after.identities)) found.push('an identity changed')
    for (const [i, row] of after.bookings.entries())
      if (text(row) !== text(before.bookings[i]) && row.needs_attention !== 'series_edited')
        found.push(`booking ${row.id} changed without a flag`)
  }
  const known = new Set(before.slots.map(({ id }) => id))
  const standing = new Set(
    before.slots.filter(({ withdrawn_at }) => withdrawn_at === null).map(({ id }) => id),
  )
  for (const slot of after.slots) {
    if (slot.withdrawn_at !== null || standing.has(slot.id)) continue
    if (known.has(slot.id)) found.push(`slot ${slot.id} was withdrawn and is not`)
    if (memory.withdrawn.length === 0 && memory.dropped.length === 0) continue
    const lineage = lineageOf(after.series, slot.series_id)
    for (const { series, start, end } of memory.withdrawn)
      if (lineage.includes(series) && Number(slot.start) < end && start < Number(slot.end))
        found.push(`slot ${slot.id} is where one was withdrawn`)
    for (const { series, date } of memory.dropped)
      if (lineage.includes(series) && String(slot.occurrence).startsWith(date))
        found.push(`slot ${slot.id} is on ${date}, which was removed`)
  }
  return found
}

type Command =
  | {
      readonly kind: 'edit'
      readonly series: number
      readonly days: number
      readonly edit: Partial<SeriesEdit>
    }
  | { readonly kind: 'book' | 'cancel' | 'hold' | 'withdraw' | 'withdrawDate'; readonly nth: number }
  | { readonly kind: 'tick'; readonly hours: number }

const clockOf = (text: string) => findLocalDateTime(`2000-01-01T${text}`)!

const changes = fc.record(
  {
    localStart: fc.constantFrom('08:00', '09:00', '09:10', '10:30', '14:00').map(clockOf),
    durationMinutes: fc.constantFrom(30, 60, 90),
    slotMinutes: fc.constantFrom(15, 30),
    capacity: fc.integer({ min: 1, max: 3 }),
    rrule: fc.constantFrom(
      'FREQ=DAILY;INTERVAL=3',
      'FREQ=WEEKLY;BYDAY=MO,TH',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU',
      'FREQ=DAILY;COUNT=9',
      'FREQ=WEEKLY;BYDAY=WE;UNTIL=20270120',
    ),
    skipHolidays: fc.boolean(),
    exdates: fc.array(
      fc.integer({ min: 0, max: 60 }).map((days) => addDays(getLocalDate('2026-11-23'), days)),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
)

const ofOne = ({ rrule: _rrule, exdates: _dates, skipHolidays: _skip, ...change }: SeriesEdit['change']) =>
  change

const edits: fc.Arbitrary<Partial<SeriesEdit>> = fc.oneof(
  changes.map((change) => ({ scope: 'this' as const, change: ofOne(change) })),
  fc.constant({ scope: 'this' as const, change: { cancelled: true as const } }),
  changes.map((change) => ({ scope: 'following' as const, change })),
  changes.map((change) => ({ scope: 'all' as const, change })),
)

const nth = fc.nat(200)
const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('edit' as const),
        // 0 is the series made last.
        series: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(6) }),
        days: fc.integer({ min: -3, max: 50 }),
        edit: edits,
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('book' as const), nth }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), nth }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const), nth }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), nth }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdrawDate' as const), nth }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('tick' as const), hours: fc.integer({ min: 1, max: 500 }) }),
    },
  ),
  { minLength: 4, maxLength: 12 },
)

interface Cast {
  readonly gp: Member
  readonly actors: Readonly<Record<'gp' | 'regulator', Actor>>
}

interface Tally {
  edits: number
  refused: number
  kept: number
  afterWithdrawal: number
}

/** Does nothing, or something that no edit may do. */
type Plant = (ctx: Ctx, tx: Tx, memory: Memory) => void

/** Runs commands over a fresh series, all undone in the end; returns every fault of every step. */
const play = (world: World, cast: Cast, list: readonly Command[], tally: Tally, plant?: Plant) =>
  dream(world, (as, tx) => {
    world.clock.set('2026-11-23T08:00:00+01:00')
    createSeries(as(cast.actors.gp), seriesBody(cast.gp, { slotMinutes: 30 }) as unknown as SeriesInput)
    const memory: Memory = { withdrawn: [], dropped: [] }
    const found: string[] = []
    for (const command of list) {
      const now = world.clock.now()
      const before = snapshot(tx)
      step(world, cast, as, tx, command, before, memory, tally, found)
      if (command.kind === 'edit') plant?.(as(SYSTEM), tx, memory)
      found.push(...faults(before, snapshot(tx), memory, now, command.kind === 'edit'))
    }
    return found
  })

const step = (
  world: World,
  cast: Cast,
  as: (actor: Actor) => Ctx,
  tx: Tx,
  command: Command,
  before: Snapshot,
  memory: Memory,
  tally: Tally,
  found: string[],
): void => {
  const now = world.clock.now()
  const future = before.slots.filter((row) => row.withdrawn_at === null && Number(row.start) > now)
  const choose = (rows: readonly Row[], n: number): string | undefined =>
    rows.length === 0 ? undefined : String(rows[n % rows.length]!.id)
  const attempt = (fn: () => void) => {
    try {
      fn()
      return true
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return false
    }
  }
  const withdraw = (id: string) => {
    const slot = before.slots.find((row) => row.id === id)!
    withdrawSlot(as(cast.actors.gp), id, undefined)
    if (slot.series_id === null) return
    const series = String(slot.series_id)
    memory.withdrawn.push({ series, start: Number(slot.start), end: Number(slot.end) })
    const date = String(slot.occurrence).slice(0, 10)
    const lineage = lineageOf(before.series, series)
    const isLeft = snapshot(tx).slots.some(
      (row) =>
        row.withdrawn_at === null &&
        lineage.includes(row.series_id!) &&
        String(row.occurrence).startsWith(date),
    )
    if (!isLeft) memory.dropped.push({ series, date })
  }
  switch (command.kind) {
    case 'book': {
      const id = choose(future, command.nth)
      if (id) attempt(() => book(as(cast.actors.regulator), bookingBody(id) as unknown as BookingInput))
      return
    }
    case 'hold': {
      const id = choose(future, command.nth)
      if (id) attempt(() => holdSlot(as(cast.actors.regulator), id))
      return
    }
    case 'cancel': {
      const id = choose(
        before.bookings.filter(({ status }) => status === 'booked'),
        command.nth,
      )
      if (id) attempt(() => cancelBooking(as(cast.actors.regulator), id, { reason: 'patient' }))
      return
    }
    case 'withdraw': {
      const id = choose(future, command.nth)
      if (id) withdraw(id)
      return
    }
    case 'withdrawDate': {
      const ofSeries = future.filter(({ occurrence }) => occurrence !== null)
      const one = ofSeries[command.nth % Math.max(1, ofSeries.length)]
      for (const row of ofSeries) if (one && row.occurrence === one.occurrence) withdraw(String(row.id))
      return
    }
    case 'tick':
      world.clock.advance(command.hours * HOUR)
      extendSeries(as({ kind: 'system', name: 'tick' }), 100)
      return
    case 'edit': {
      const newestFirst = [...before.series].reverse()
      const id = choose(newestFirst, command.series)!
      const ctx = as(cast.actors.gp)
      const ofIt = future.filter((row) => row.series_id === id)
      const one = ofIt[Math.max(0, command.days) % Math.max(1, ofIt.length)]
      // Of one date: mostly of one that has an occurrence.
      const from =
        command.edit.scope === 'this' && one !== undefined && command.days % 8 !== 0
          ? getLocalDate(String(one.occurrence).slice(0, 10))
          : addDays(getLocalDate(new Date(now).toISOString().slice(0, 10)), command.days)
      const request = {
        ...command.edit,
        from,
      } as SeriesEdit
      const results: ReturnType<typeof editSeries>[] = []
      const isDone = attempt(() => results.push(editSeries(ctx, id, { ...request, dryRun: true })))
      if (JSON.stringify(snapshot(tx)) !== JSON.stringify(before)) found.push('a dry run wrote')
      if (attempt(() => results.push(editSeries(ctx, id, request))) !== isDone)
        found.push('an edit was refused, and not its dry run')
      const [dry, real] = results
      if (!real || !dry) {
        tally.refused++
        if (JSON.stringify(snapshot(tx)) !== JSON.stringify(before)) found.push('a refused edit wrote')
        return
      }
      tally.edits++
      if (real.keptBooked.length > 0) tally.kept++
      if (memory.withdrawn.length > 0) tally.afterWithdrawal++
      const counts = ({ seriesId: _id, ...rest }: typeof real) => rest
      if (JSON.stringify(counts(dry)) !== JSON.stringify(counts(real))) found.push('a dry run told otherwise')
      const after = snapshot(tx)
      if (after.events !== before.events + 1) found.push('an edit is not one event')
      if (after.slots.length !== before.slots.length + real.created) found.push('created is miscounted')
      const gone = (rows: readonly Row[]) => rows.filter((row) => row.withdrawn_at !== null).length
      if (gone(after.slots) !== gone(before.slots) + real.removed) found.push('removed is miscounted')
      if (request.change.cancelled) memory.dropped.push({ series: id, date: from })
    }
  }
}

const castOf = async (world: World): Promise<Cast> => {
  const gp = await newGp(world)
  const regulator = await world.key('regulator')
  return { gp, actors: { gp: actorOf(world, gp.caller), regulator: actorOf(world, regulator) } }
}

const newTally = (): Tally => ({ edits: 0, refused: 0, kept: 0, afterWithdrawal: 0 })

export const seriesEditSuite: Suite = (rule) => {
  describe('edits of a series', () => {
    rule(
      '[SERIES-18] one date leaves the series: its free slots give way to others at the new hours and terms',
      async (world) => {
        const gp = await newGp(world)
        const series = await created(gp)
        const before = await slotsOf(gp.caller)
        const answer = await edited(gp, series.id, {
          scope: 'this',
          from: '2026-12-07',
          change: { localStart: '14:00', durationMinutes: 40, slotMinutes: 20, capacity: 2 },
        })
        expect(answer).toEqual({ seriesId: series.id, created: 2, removed: 4, keptBooked: [] })
        const day = onDate(await slotsOf(gp.caller), '2026-12-07')
        expect(day.filter(({ status }) => status === 'withdrawn')).toHaveLength(4)
        expect(day.filter(({ status }) => status === 'open')).toMatchObject([
          {
            start: '2026-12-07T14:00:00+01:00',
            end: '2026-12-07T14:20:00+01:00',
            origin: 'single',
            capacity: 2,
          },
          {
            start: '2026-12-07T14:20:00+01:00',
            end: '2026-12-07T14:40:00+01:00',
            origin: 'single',
            capacity: 2,
          },
        ])
        const others = (slots: readonly Shown[]) =>
          slots.filter(({ start }) => !start.startsWith('2026-12-07'))
        expect(others(await slotsOf(gp.caller))).toEqual(others(before))
        expect((await gp.caller.get(`/series/${series.id}`)).body).toMatchObject({
          exdates: ['2026-12-07'],
          durationMinutes: 60,
          version: 2,
        })
      },
    )

    rule('[SERIES-18] the same hours with other terms are new slots at the same time', async (world) => {
      const gp = await newGp(world)
      const series = await created(gp)
      // Of a date and time, only the time counts.
      const change = { capacity: 3, localStart: '2020-01-01T09:00' }
      await edited(gp, series.id, { scope: 'this', from: '2026-11-26', change })
      expect(
        onDate(await open(gp), '2026-11-26').map(({ start, capacity }) => [start.slice(11, 16), capacity]),
      ).toEqual([
        ['09:00', 3],
        ['09:15', 3],
        ['09:30', 3],
        ['09:45', 3],
      ])
    })

    rule('[SERIES-18] a date is dropped, and another moved beyond the horizon', async (world) => {
      const gp = await newGp(world)
      const series = await created(gp)
      const dropped = await edited(gp, series.id, {
        scope: 'this',
        from: '2026-12-10',
        change: { cancelled: true },
      })
      expect(dropped).toMatchObject({ created: 0, removed: 4 })
      const far = await edited(gp, series.id, {
        scope: 'this',
        from: '2027-03-01',
        change: { localStart: '18:00' },
      })
      expect(far).toMatchObject({ created: 4, removed: 0 })
      await ticked(world, '2026-12-01T06:00:00+01:00', '2027-01-10T06:00:00+01:00')
      expect(onDate(await open(gp), '2026-12-10')).toEqual([])
      expect(timesOf(onDate(await open(gp), '2027-03-01'))).toEqual([
        '2027-03-01T18:00',
        '2027-03-01T18:15',
        '2027-03-01T18:30',
        '2027-03-01T18:45',
      ])
    })

    rule('[SERIES-19] what follows a date is another series, and the first ends there', async (world) => {
      const gp = await newGp(world)
      const series = await created(gp)
      const answer = await edited(gp, series.id, {
        scope: 'following',
        from: '2026-12-07',
        change: { localStart: '10:30', slotMinutes: 20, audiences: ['PRO', 'SNP'], motives: ['toux'] },
      })
      expect(answer).toMatchObject({ created: 12 * 3, removed: 12 * 4, keptBooked: [] })
      expect(answer.seriesId).not.toBe(series.id)
      expect((await gp.caller.get(`/series/${series.id}`)).body).toMatchObject({
        endedFrom: '2026-12-07',
        localStart: '2026-11-23T09:00',
      })
      expect((await gp.caller.get(`/series/${answer.seriesId}`)).body).toMatchObject({
        endedFrom: null,
        rrule: 'FREQ=WEEKLY;BYDAY=MO,TH',
        localStart: '2026-12-07T10:30',
        audiences: ['PRO', 'SNP'],
        motives: ['toux'],
        version: 1,
      })
      const open = await slotsOf(gp.caller, '?status=open')
      expect(open.filter(({ seriesId }) => seriesId === series.id).at(-1)?.start).toBe(
        '2026-12-03T09:45:00+01:00',
      )
      expect(open.find(({ seriesId }) => seriesId === answer.seriesId)?.start).toBe(
        '2026-12-07T10:30:00+01:00',
      )
      await ticked(world, '2026-12-20T06:00:00+01:00')
      const later = (await slotsOf(gp.caller, '?status=open')).at(-1)
      expect(later).toMatchObject({ start: '2027-02-11T11:10:00+01:00', seriesId: answer.seriesId })
    })

    rule(
      '[SERIES-19] the new series keeps the dates, the rest of the count and the end of the old',
      async (world) => {
        const cases: readonly (readonly [Record<string, unknown>, string])[] = [
          [{ rrule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH' }, '2026-12-02'],
          [{ rrule: 'FREQ=DAILY;INTERVAL=5' }, '2026-11-30'],
          [{ rrule: 'FREQ=DAILY;COUNT=12' }, '2026-11-29'],
          [{ rrule: 'FREQ=WEEKLY;BYDAY=TU;UNTIL=20261222' }, '2026-12-15'],
          [{ rrule: 'FREQ=WEEKLY;BYDAY=TU;UNTIL=20261222T075900Z' }, '2026-12-01'],
          [{ rrule: 'FREQ=MONTHLY', localStart: '2026-11-24T09:00' }, '2026-12-25'],
          [{ rrule: 'FREQ=DAILY', exdates: ['2026-12-05', '2026-11-25'] }, '2026-12-01'],
        ]
        const cpts = await makeCommunity(world, '92050')
        const datesOf = (slots: readonly Shown[]) => [
          ...new Set(slots.map(({ start }) => start.slice(0, 10))),
        ]
        const split: { plain: Member; halved: Member; of: string }[] = []
        for (const [more, from] of cases) {
          const [plain, halved] = [await makeGp(world, cpts), await makeGp(world, cpts)]
          await created(plain, more)
          const series = await created(halved, more)
          await edited(halved, series.id, { scope: 'following', from, change: { localStart: '11:30' } })
          split.push({ plain, halved, of: JSON.stringify(more) })
        }
        for (const now of [
          '2026-11-23T08:00:00+01:00',
          '2026-12-18T06:00:00+01:00',
          '2027-01-15T06:00:00+01:00',
        ]) {
          await ticked(world, now)
          for (const { plain, halved, of } of split)
            expect(datesOf(await open(halved)), `${of} at ${now}`).toEqual(datesOf(await open(plain)))
        }
      },
    )

    rule('[SERIES-19] another rule starts on the date of the edit; an end stays the end', async (world) => {
      const gp = await newGp(world)
      const series = await created(gp)
      await gp.caller.post(`/series/${series.id}/end`, { from: '2026-12-20' })
      const answer = await edited(gp, series.id, {
        scope: 'following',
        from: '2026-12-11',
        change: { rrule: 'FREQ=WEEKLY', exdates: ['2026-12-25'] },
      })
      expect(answer).toMatchObject({ created: 2 * 4, removed: 2 * 4 })
      expect((await gp.caller.get(`/series/${answer.seriesId}`)).body).toMatchObject({
        localStart: '2026-12-11T09:00',
        endedFrom: '2026-12-20',
      })
      await ticked(world, '2026-12-01T06:00:00+01:00')
      expect((await open(gp)).at(-1)?.start).toBe('2026-12-18T09:45:00+01:00')
    })

    rule('[SERIES-20] all is what has not started: the past and the present stay', async (world) => {
      const gp = await newGp(world)
      const series = await created(gp)
      world.clock.set('2026-11-30T09:20:00+01:00')
      const before = await slotsOf(gp.caller, `?to=${encodeURIComponent('2026-12-01T00:00:00+01:00')}`)
      const answer = await edited(gp, series.id, { scope: 'all', change: { capacity: 2 } })
      expect(answer).toMatchObject({ removed: 13 * 4, keptBooked: [] })
      expect(await slotsOf(gp.caller, `?to=${encodeURIComponent('2026-12-01T00:00:00+01:00')}`)).toEqual(
        before,
      )
      expect(onDate(await open(gp), '2026-12-03').map(({ capacity }) => capacity)).toEqual([2, 2, 2, 2])
      // From a past date on is no more than that.
      const again = await edited(gp, answer.seriesId, {
        scope: 'following',
        from: '2026-11-01',
        change: { capacity: 1 },
      })
      expect(again.removed).toBe(answer.created)
      expect((await gp.caller.get(`/series/${again.seriesId}`)).body.localStart).toBe('2026-12-03T09:00')
    })

    rule(
      '[SERIES-20] before its hour today is still to come, and a series to come is edited whole',
      async (world) => {
        const gp = await newGp(world)
        const today = await created(gp)
        const answer = await edited(gp, today.id, {
          scope: 'all',
          from: '2027-01-01',
          change: { capacity: 2 },
        })
        expect(answer).toMatchObject({ created: 64, removed: 64 })
        expect((await gp.caller.get(`/series/${today.id}`)).body.endedFrom).toBe('2026-11-23')
        const later = await created(gp, { localStart: '2027-02-01T15:00' })
        const moved = await edited(gp, later.id, {
          scope: 'all',
          change: { localStart: '16:00', rrule: 'FREQ=DAILY' },
        })
        expect(moved).toMatchObject({ created: 0, removed: 0 })
        expect((await gp.caller.get(`/series/${moved.seriesId}`)).body.localStart).toBe('2027-02-01T16:00')
        await ticked(world, '2026-12-14T06:00:00+01:00')
        expect(timesOf(await open(gp)).filter((time) => time.endsWith('16:00'))).toEqual([
          '2027-02-01T16:00',
          '2027-02-02T16:00',
          '2027-02-03T16:00',
          '2027-02-04T16:00',
          '2027-02-05T16:00',
          '2027-02-06T16:00',
          '2027-02-07T16:00',
        ])
      },
    )

    rule(
      '[SERIES-21][SERIES-24] a booked slot stays as it is and is flagged; the free time around it is offered anew',
      async (world) => {
        const gp = await newGp(world)
        const regulator = await world.key('regulator')
        const coordinator = await world.key('coordinator', { communityIds: [gp.communityId] })
        for (const scope of ['this', 'following', 'all']) {
          const series = await created(gp, { localStart: '2026-12-07T09:00', rrule: 'FREQ=WEEKLY' })
          const slots = onDate(await open(gp), '2026-12-07')
          const slot = slots[1]!
          const id = await booked(regulator, slot.id)
          const before = (await regulator.get(`/bookings/${id}`)).body
          const answer = await edited(gp, series.id, {
            scope,
            from: '2026-12-07',
            change: { localStart: '09:05', durationMinutes: 55, slotMinutes: 11 },
          })
          expect(answer.keptBooked).toEqual([slot.id])
          expect((await gp.caller.get(`/slots/${slot.id}`)).body).toEqual({
            ...slot,
            status: 'full',
            taken: 1,
          })
          const { version: _version, ...terms } = before
          expect((await regulator.get(`/bookings/${id}`)).body).toMatchObject({
            ...terms,
            needsAttention: { reason: 'series_edited' },
          })
          const flagged = await coordinator.get(`/bookings/${id}`)
          expect(flagged.body.needsAttention).toEqual({ reason: 'series_edited' })
          // 09:05–09:16 and 09:16–09:27 would share time with the booked 09:15–09:30, as would 09:27–09:38.
          expect(timesOf(onDate(await open(gp), '2026-12-07'))).toEqual([
            '2026-12-07T09:38',
            '2026-12-07T09:49',
          ])
          await regulator.post(`/bookings/${id}/cancel`, { reason: 'patient' })
          for (const one of await open(gp)) await gp.caller.post(`/slots/${one.id}/withdraw`)
        }
      },
    )

    rule('[SERIES-21] a held slot is not taken from under its holder', async (world) => {
      const gp = await newGp(world)
      const regulator = await world.key('regulator')
      const series = await created(gp)
      const [first, second] = onDate(await open(gp), '2026-11-26')
      const hold = await regulator.post(`/slots/${first!.id}/holds`, {})
      expect(hold.status).toBe(201)
      await regulator.post(`/slots/${second!.id}/holds`, {})
      world.clock.set('2026-11-23T08:02:59+01:00')
      const dry = await edited(gp, series.id, { scope: 'all', change: { capacity: 2 }, dryRun: true })
      expect(dry.keptBooked).toEqual([first!.id, second!.id])
      const answer = await regulator.post('/bookings', bookingBody(first!.id, { holdId: hold.body.id }))
      expect(answer.status).toBe(201)
      world.clock.set('2026-11-23T08:03:00+01:00')
      const late = await edited(gp, series.id, { scope: 'all', change: { capacity: 2 } })
      expect(late.keptBooked).toEqual([first!.id])
    })

    rule('[SERIES-22] what was withdrawn or removed does not come back by edits and ticks', async (world) => {
      const gp = await newGp(world)
      const series = await created(gp)
      const slots = await open(gp)
      // One slot of the 3rd, all of the 14th, the 17th dropped.
      const one = onDate(slots, '2026-12-03')[1]!
      for (const { id } of [one, ...onDate(slots, '2026-12-14')])
        await gp.caller.post(`/slots/${id}/withdraw`)
      await edited(gp, series.id, { scope: 'this', from: '2026-12-17', change: { cancelled: true } })
      let id = series.id
      for (const change of [
        { capacity: 2 },
        { localStart: '14:00' },
        { localStart: '08:45', slotMinutes: 20, exdates: [] },
        { rrule: 'FREQ=DAILY' },
      ]) {
        id = (await edited(gp, id, { scope: 'all', change })).seriesId
        const found = await open(gp)
        expect(
          [...onDate(found, '2026-12-14'), ...onDate(found, '2026-12-17')],
          JSON.stringify(change),
        ).toEqual([])
        expect(
          onDate(found, '2026-12-03').filter((slot) => slot.start < one.end && one.start < slot.end),
        ).toEqual([])
        expect(onDate(found, '2026-12-03').length).toBeGreaterThan(0)
      }
      await ticked(world, '2026-12-02T06:00:00+01:00', '2026-12-13T06:00:00+01:00')
      const found = await open(gp)
      expect([...onDate(found, '2026-12-14'), ...onDate(found, '2026-12-17')]).toEqual([])
      expect(found.at(-1)?.start.slice(0, 10)).toBe('2027-02-06')
      expect((await gp.caller.get(`/series/${id}`)).body.exdates).toEqual(['2026-12-14', '2026-12-17'])
    })

    rule('[SERIES-23] a dry run tells what the edit does, and does nothing', async (world) => {
      const gp = await newGp(world)
      const regulator = await world.key('regulator')
      const series = await created(gp)
      await booked(regulator, onDate(await open(gp), '2026-12-10')[0]!.id)
      for (const [scope, change] of [
        ['this', { cancelled: true }],
        ['this', { capacity: 2 }],
        ['following', { slotMinutes: 30 }],
        ['all', { rrule: 'FREQ=DAILY' }],
      ] as const) {
        const events = (await everyPage(world.admin, '/events', 200)).length
        const before = await slotsOf(gp.caller)
        const body = { scope, from: '2026-12-10', change }
        const dry = await edited(gp, series.id, { ...body, dryRun: true })
        expect(dry.seriesId).toBe(scope === 'this' ? series.id : null)
        expect(dry.removed).toBeGreaterThan(0)
        expect(await slotsOf(gp.caller)).toEqual(before)
        expect((await gp.caller.get(`/series/${series.id}`)).body.version).toBe(1)
        expect(await everyPage(world.admin, '/events', 200)).toHaveLength(events)
        const refused = await edit(gp, series.id, {
          ...body,
          change: { rrule: 'FREQ=SECONDLY' },
          dryRun: true,
        })
        expect([400, 422]).toContain(refused.status)
      }
      const body = { scope: 'following', from: '2026-12-10', change: { slotMinutes: 20 } }
      const dry = await edited(gp, series.id, { ...body, dryRun: true })
      const real = await edited(gp, series.id, { ...body, dryRun: false })
      expect({ ...real, seriesId: null }).toEqual(dry)
      expect(dry).toMatchObject({ removed: 11 * 4 - 1, created: 11 * 3 - 1 })
    })

    rule('[SERIES-24] around other slots of the GP the whole occurrence is skipped', async (world) => {
      const gp = await newGp(world)
      const series = await created(gp)
      const other = await gp.caller.post(
        '/slots',
        slotBody(gp, '2026-12-07T14:30:00+01:00', '2026-12-07T14:40:00+01:00'),
      )
      const alone = await edit(gp, series.id, {
        scope: 'this',
        from: '2026-12-07',
        change: { localStart: '14:00' },
      })
      expect([alone.status, alone.body.code, alone.body.slotId]).toEqual([409, 'slot_overlap', other.body.id])
      expect(onDate(await open(gp), '2026-12-07')).toHaveLength(5)
      const answer = await edited(gp, series.id, { scope: 'all', change: { localStart: '14:00' } })
      expect(answer).toMatchObject({ created: 15 * 4, removed: 16 * 4 })
      expect(onDate(await open(gp), '2026-12-07')).toHaveLength(1)
    })

    rule('[SERIES-25] what cannot be edited so is refused, and stays', async (world) => {
      const gp = await newGp(world)
      const series = await created(gp)
      const ended = await created(gp, { localStart: '2026-11-23T12:00' })
      await gp.caller.post(`/series/${ended.id}/end`, { from: '2026-12-01' })
      const short = await created(gp, { localStart: '2026-11-23T15:00', rrule: 'FREQ=DAILY;COUNT=3' })
      await edited(gp, series.id, { scope: 'this', from: '2026-12-14', change: { cancelled: true } })
      world.clock.set('2026-11-26T09:00:00+01:00')
      const before = await slotsOf(gp.caller)
      const change = { capacity: 2 }
      const cases: readonly (readonly [string, Record<string, unknown>, number, string])[] = [
        [ended.id, { scope: 'this', from: '2026-12-03', change }, 409, 'series_ended'],
        [ended.id, { scope: 'following', from: '2026-12-01', change }, 409, 'series_ended'],
        // The last occurrence before the end is on the 30th.
        [short.id, { scope: 'all', change }, 409, 'series_ended'],
        [series.id, { scope: 'this', from: '2026-12-08', change }, 422, 'no_occurrence'],
        [series.id, { scope: 'this', from: '2026-12-14', change }, 422, 'no_occurrence'],
        [series.id, { scope: 'this', from: '2027-05-06', change }, 422, 'no_occurrence'],
        [series.id, { scope: 'this', from: '2026-11-26', change }, 422, 'slot_started'],
        [series.id, { scope: 'this', from: '2026-11-23', change }, 422, 'slot_started'],
        [series.id, { scope: 'all', change: { slotMinutes: 25 } }, 422, 'invalid_interval'],
        [series.id, { scope: 'all', change: { durationMinutes: 10 } }, 422, 'invalid_interval'],
        [series.id, { scope: 'all', change: { minAge: 9, maxAge: 3 } }, 422, 'invalid_interval'],
        [series.id, { scope: 'all', change: { rrule: 'FREQ=SECONDLY' } }, 422, 'invalid_rrule'],
        [
          series.id,
          {
            scope: 'all',
            change: { rrule: 'FREQ=DAILY', localStart: '00:00', durationMinutes: 1440, slotMinutes: 5 },
          },
          422,
          'too_many_slots',
        ],
        [series.id, { scope: 'this', change }, 400, 'invalid_request'],
        [series.id, { scope: 'following', change }, 400, 'invalid_request'],
        [series.id, { scope: 'all', from: '2026-12-07', change: {} }, 400, 'invalid_request'],
        [series.id, { scope: 'all', change: { cancelled: true } }, 400, 'invalid_request'],
        [
          series.id,
          { scope: 'this', from: '2026-12-07', change: { rrule: 'FREQ=DAILY' } },
          400,
          'invalid_request',
        ],
        [
          series.id,
          { scope: 'this', from: '2026-12-07', change: { cancelled: true, capacity: 2 } },
          400,
          'invalid_request',
        ],
        [series.id, { scope: 'all', change: { practitionerId: gp.id } }, 400, 'invalid_request'],
        [series.id, { scope: 'all', change: { localStart: '24:00' } }, 400, 'invalid_request'],
        [series.id, { scope: 'all', change: { localStart: '2026-02-30T10:00' } }, 400, 'invalid_request'],
        [series.id, { scope: 'some', from: '2026-12-07', change }, 400, 'invalid_request'],
      ]
      for (const [id, body, status, code] of cases) {
        const answer = await edit(gp, id, body)
        expect([answer.status, answer.body.code], `${JSON.stringify(body)} ${answer.text}`).toEqual([
          status,
          code,
        ])
      }
      expect(await slotsOf(gp.caller)).toEqual(before)
    })

    rule(
      '[SERIES-25] an hour that clocks skip, or that has passed, is refused for one date',
      async (world) => {
        const gp = await newGp(world)
        const series = await created(gp, { rrule: 'FREQ=DAILY', localStart: '2026-11-23T12:00' })
        for (const [from, localStart] of [
          ['2027-03-28', '02:30'],
          ['2026-11-23', '07:59'],
        ]) {
          const answer = await edit(gp, series.id, { scope: 'this', from, change: { localStart } })
          expect([answer.status, answer.body.code]).toEqual([422, 'invalid_interval'])
        }
        expect(
          (
            await edited(gp, series.id, {
              scope: 'this',
              from: '2026-11-23',
              change: { localStart: '08:01' },
            })
          ).created,
        ).toBe(4)
      },
    )

    rule('[SERIES-26] each edit is one event; who may not manage the series sees none', async (world) => {
      const gp = await newGp(world)
      const stranger = await makeGp(world, await makeCommunity(world, '92063'), '92063')
      const coordinator = await world.key('coordinator', { communityIds: [gp.communityId] })
      const outsider = await world.key('coordinator', { communityIds: [stranger.communityId] })
      const regulator = await world.key('regulator')
      const series = await created(gp)
      const kept = onDate(await open(gp), '2026-12-10')[0]!
      const booking = await booked(regulator, kept.id)
      const body = { scope: 'following', from: '2026-12-10', change: { capacity: 2 } }
      for (const caller of [stranger.caller, outsider]) {
        const answer = await caller.post(`/series/${series.id}/edit`, body)
        expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
      }
      for (const caller of [regulator, await world.key('auditor')])
        expect((await caller.post(`/series/${series.id}/edit`, body)).status).toBe(403)
      const theft = await edit(gp, series.id, { ...body, change: { siteId: stranger.siteId } })
      expect(theft.status).toBe(404)
      const first = await coordinator.post(`/series/${series.id}/edit`, body)
      expect(first.status).toBe(200)
      const second = await world.admin.post(`/series/${series.id}/edit`, {
        scope: 'this',
        from: '2026-12-03',
        change: { cancelled: true },
      })
      expect(second.status).toBe(200)
      const events = (await everyPage(world.admin, '/events', 200)).filter(
        ({ type, subject }) => type.startsWith('series.') && subject !== undefined,
      )
      expect(events.map(({ type, subject, data }) => [type, subject, data.scope])).toEqual([
        ['series.created', series.id, undefined],
        ['series.edited', series.id, 'following'],
        ['series.edited', series.id, 'this'],
      ])
      expect(events[1]?.data).toEqual({
        scope: 'following',
        from: '2026-12-10',
        seriesId: first.body.seriesId,
        created: 43,
        removed: 43,
        needsAttention: [booking],
      })
      expect((await world.admin.get('/audit/verify')).body.ok).toBe(true)
    })

    rule(
      '[SERIES-21][SERIES-22][SERIES-23] after any edits, bookings, withdrawals and ticks: past and booked are as they were, nothing withdrawn is back',
      async (world) => {
        const cast = await castOf(world)
        const tally = newTally()
        await fc.assert(
          fc.asyncProperty(commands, async (list) => {
            expect(await play(world, cast, list, tally)).toEqual([])
          }),
          { seed: 18, numRuns: 40 },
        )
        // That it was about something.
        expect(tally.edits).toBeGreaterThan(40)
        expect(tally.refused).toBeGreaterThan(2)
        expect(tally.kept).toBeGreaterThan(4)
        expect(tally.afterWithdrawal).toBeGreaterThan(8)
      },
    )

    rule('[SERIES-21][SERIES-22] the same finds an edit that touches what it must not', async (world) => {
      const cast = await castOf(world)
      const all: Command = {
        kind: 'edit',
        series: 0,
        days: 0,
        edit: { scope: 'all', change: { capacity: 2 } },
      }
      const list: Command[] = [
        { kind: 'book', nth: 9 },
        { kind: 'withdraw', nth: 13 },
        { kind: 'tick', hours: 30 },
        all,
      ]
      const run = (plant?: Plant) => play(world, cast, list, newTally(), plant)
      expect(await run()).toEqual([])
      const write =
        (text: string): Plant =>
        (_ctx, tx) =>
          void tx.db.run(sql.raw(text))
      const isBooked = 'id in (select slot_id from bookings)'
      const plants: Record<string, Plant> = {
        'slot .* changed': write(`update slots set version = version + 1 where ${isBooked}`),
        'slot .* is where one was withdrawn': (ctx, tx, memory) => {
          const [row] = tx.db.all<Row>(sql`select * from series where ended_from is null`)
          const [gone] = memory.withdrawn
          placeSlot(ctx, getSeries(ctx, String(row!.id)), {
            practitionerId: cast.gp.id,
            siteId: cast.gp.siteId,
            start: gone!.start as Instant,
            end: plus(gone!.start as Instant, MINUTE),
            origin: 'series',
            seriesId: String(row!.id),
            occurrence: clockOf('09:00'),
          })
        },
        'slot .* was withdrawn and is not': (_ctx, tx, memory) => {
          const { series, start } = memory.withdrawn[0]!
          tx.db.run(
            sql`update slots set withdrawn_at = null, withdrawn_reason = null where series_id = ${series} and start = ${start}`,
          )
        },
        'a booking changed': write('update bookings set "end" = "end" + 1'),
        'an identity changed': write('delete from identities'),
        'booking .* changed without a flag': write('update bookings set needs_attention = null'),
      }
      for (const [fault, plant] of Object.entries(plants))
        expect((await run(plant)).join('\n'), fault).toMatch(new RegExp(fault))
      const past = await play(
        world,
        cast,
        [{ kind: 'tick', hours: 30 }, all],
        newTally(),
        write(`update slots set capacity = 9 where start < ${at('2026-11-24T00:00:00+01:00') + DAY}`),
      )
      expect(past.join()).toMatch(/slot .* changed/)
      const dropped = await play(
        world,
        cast,
        [{ ...all, days: 24, edit: { scope: 'this', change: { cancelled: true } } }, all],
        newTally(),
        (ctx, tx) => {
          const [row] = tx.db.all<Row>(sql`select * from series where ended_from is null`)
          const start = at('2026-12-17T18:00:00+01:00')
          if (tx.db.all<Row>(sql`select id from slots where start = ${start}`).length > 0) return
          placeSlot(ctx, getSeries(ctx, String(row!.id)), {
            practitionerId: cast.gp.id,
            siteId: cast.gp.siteId,
            start,
            end: plus(start, 15 * MINUTE),
            origin: 'series',
            seriesId: String(row!.id),
            occurrence: findLocalDateTime('2026-12-17T18:00')!,
          })
        },
      )
      expect(dropped.join()).toMatch(/which was removed/)
    })

    rule(
      '[SERIES-27] a kept slot closes when its patient cancels or moves, others stay open',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const regulator = await world.key('regulator')
        const series = await gp.caller.post('/series', {
          practitionerId: gp.id,
          siteId: gp.siteId,
          rrule: 'FREQ=DAILY',
          localStart: '2026-11-24T18:00',
          durationMinutes: 15,
          slotMinutes: 15,
        })
        const slots = (await gp.caller.get('/slots?limit=4')).body.items as { id: string }[]
        const [before, cancelled, moved, open] = slots.map(({ id }) => id)
        const book = async (slotId = '') =>
          String((await regulator.post('/bookings', bookingBody(slotId))).body.id)
        const [early, first, second] = [await book(before), await book(cancelled), await book(moved)]
        const target = await gp.caller.post(
          '/slots',
          slotBody(gp, '2026-11-24T12:00:00+01:00', '2026-11-24T12:15:00+01:00'),
        )
        await gp.caller.post(`/series/${String(series.body.id)}/end`, { from: '2026-11-25' })
        await regulator.post(`/bookings/${early}/cancel`, { reason: 'patient' })
        await regulator.post(`/bookings/${first}/cancel`, { reason: 'patient' })
        await regulator.post(`/bookings/${second}/move`, { slotId: target.body.id })
        const statusOf = async (id = '') => (await gp.caller.get(`/slots/${id}`)).body.status as string
        expect(await Promise.all([before, cancelled, moved, open].map((id) => statusOf(id)))).toEqual([
          'open',
          'withdrawn',
          'withdrawn',
          'withdrawn',
        ])
        expect((await world.admin.get('/audit/verify')).body.ok).toBe(true)
      },
    )

    rule(
      '[SERIES-27] a kept slot offers no free seat, and goes when a hold on it runs out',
      async (world) => {
        const gp = await newGp(world)
        const regulator = await world.key('regulator')
        const other = await world.key('regulator')
        const series = await created(gp, { capacity: 3 })
        const [seats, held, plain] = onDate(await slotsOf(gp.caller), '2026-11-26')
        const [first, second] = [await booked(regulator, seats!.id), await booked(regulator, seats!.id)]
        expect((await regulator.post(`/slots/${held!.id}/holds`)).status).toBe(201)
        const done = await edited(gp, series.id, {
          scope: 'this',
          from: '2026-11-26',
          change: { cancelled: true },
        })
        expect(done.keptBooked).toEqual([seats!.id, held!.id])
        const look = async () =>
          Promise.all(
            [seats, held, plain].map(async (slot) => {
              const { status, taken } = (await gp.caller.get(`/slots/${slot!.id}`)).body
              return [status, taken]
            }),
          )
        expect(await look()).toEqual([
          ['full', 2],
          ['full', 1],
          ['withdrawn', 0],
        ])
        const near = '/availability?commune=92050&from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z'
        expect((await other.get(near)).body.items).toEqual([])
        expect((await other.post('/bookings', bookingBody(seats!.id))).body.code).toBe('slot_taken')
        expect((await other.post(`/slots/${held!.id}/holds`)).body.code).toBe('slot_taken')
        world.clock.advance(3 * MINUTE)
        // Before the sweep and after it alike.
        for (let i = 0; i < 2; i++) {
          expect((await look())[1]).toEqual(['withdrawn', 0])
          expect((await other.post('/bookings', bookingBody(held!.id))).body.code).toBe('slot_withdrawn')
          await world.tick()
        }
        const events = await world.admin.get(`/audit?subject=${held!.id}`)
        expect(events.body.items.at(-1)).toMatchObject({ type: 'slot.withdrawn', actor: 'system:tick' })
        for (const id of [first, second]) {
          expect((await look())[0]![0]).toBe('full')
          await regulator.post(`/bookings/${id}/cancel`, { reason: 'patient' })
        }
        expect((await look())[0]).toEqual(['withdrawn', 0])
      },
    )

    rule(
      '[SERIES-28] an end flags the bookings that it leaves, and those made by a hold that outlives it',
      async (world) => {
        const gp = await newGp(world)
        const regulator = await world.key('regulator')
        const series = await created(gp, { capacity: 2 })
        const [before] = onDate(await slotsOf(gp.caller), '2026-11-26')
        const [after, held] = onDate(await slotsOf(gp.caller), '2026-11-30')
        const [kept, left] = [await booked(regulator, before!.id), await booked(regulator, after!.id)]
        const hold = await regulator.post(`/slots/${held!.id}/holds`)
        const ended = await gp.caller.post(`/series/${series.id}/end`, { from: '2026-11-30' })
        expect(ended.body.keptBooked).toEqual([after!.id, held!.id])
        const late = await regulator.post('/bookings', bookingBody(held!.id, { holdId: hold.body.id }))
        expect(late.status, late.text).toBe(201)
        const flagged = (await gp.caller.get('/bookings?needsAttention=true')).body.items
        expect(flagged.map(({ id }: { id: string }) => id)).toEqual([left, late.body.id])
        for (const one of flagged) expect(one).toMatchObject({ needsAttention: { reason: 'series_ended' } })
        expect((await gp.caller.get(`/bookings/${kept}`)).body.needsAttention).toBeUndefined()
        const events = (await world.admin.get(`/audit?subject=${series.id}`)).body.items
        expect(events.at(-1)).toMatchObject({
          type: 'series.ended',
          data: { from: '2026-11-30', keptBooked: [after!.id, held!.id], needsAttention: [left] },
        })
      },
    )
  })
}
