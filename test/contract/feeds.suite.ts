import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { formatInstant } from '../../src/kernel/civil.ts'
import { DAY, HOUR, MINUTE, plus, SECOND } from '../../src/kernel/time.ts'
import { calendarOf, faultsOfLines, read, seenIn, type Seen } from '../support/calendar.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { at, type Caller, type World } from '../support/world.ts'

const stage = async (world: World) => {
  const community = await makeCommunity(world, '92050')
  const gp = await makeGp(world, community)
  return { gp, community, regulator: await world.key('regulator') }
}

const open = async (gp: Member): Promise<{ id: string; url: string }> => {
  const made = await gp.caller.post('/feeds', { kind: 'my-slots' })
  if (made.status !== 201) throw new Error(made.text)
  return made.body
}

const publish = async (
  gp: Member,
  start: string,
  minutes = 15,
  more: Record<string, unknown> = {},
): Promise<string> => {
  const made = await gp.caller.post(
    '/slots',
    slotBody(gp, start, formatInstant(plus(at(start), minutes * MINUTE), 'Europe/Paris'), more),
  )
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id
}

const onlyEvent = async (world: World, url: string): Promise<Seen> => {
  const seen = seenIn((await read(world, url)).text)
  expect(seen).toHaveLength(1)
  return seen[0]!
}

const revokeKeyOf = async (world: World, caller: Caller) => {
  const keys = await world.admin.get('/keys?limit=200')
  const listed = (keys.body.items as { id: string; practitionerId: string | null }[]).filter(
    ({ practitionerId }) => practitionerId !== null,
  )
  const feeds = await caller.get('/feeds')
  expect(feeds.status).toBe(200)
  const own = listed.find(({ practitionerId }) => practitionerId === feeds.body.items[0].practitionerId)
  expect((await world.admin.delete(`/keys/${own!.id}`)).status).toBe(204)
}

export const feedsSuite: Suite = (rule) => {
  describe('feeds', () => {
    rule('[FEED-1] a practitioner opens a feed, whose address is shown once and opens it', async (world) => {
      const { gp } = await stage(world)
      const made = await gp.caller.post('/feeds', { kind: 'my-slots' }, { idempotencyKey: 'feed-0001' })
      expect(made.status).toBe(201)
      expect(made.body).toEqual({
        id: made.body.id,
        kind: 'my-slots',
        createdAt: '2026-11-23T08:00:00+01:00',
        url: made.body.url,
      })
      const [, secret] = /^\/92\/v1\/feeds\/([A-Za-z0-9_-]{43})\.ics$/.exec(made.body.url) ?? []
      expect(Buffer.from(secret!, 'base64url')).toHaveLength(32)
      const again = await gp.caller.post('/feeds', { kind: 'my-slots' }, { idempotencyKey: 'feed-0001' })
      expect(again.text).toBe(made.text)

      const answer = await read(world, made.body.url)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8')
      expect(answer.headers.get('content-disposition')).toBe('inline; filename="urgence-du-jour.ics"')
      expect(answer.headers.get('cache-control')).toBe('private, max-age=300')
      expect(calendarOf(answer.text).getFirstPropertyValue('method')).toBe('PUBLISH')

      const listed = await gp.caller.get('/feeds')
      expect(listed.body.items).toEqual([
        { id: made.body.id, kind: 'my-slots', createdAt: made.body.createdAt, practitionerId: gp.id },
      ])
      const stored = await world.act(({ db }) => JSON.stringify(db.all('select * from feeds')))
      const journal = await world.admin.get(`/audit?subject=${String(made.body.id)}`)
      expect(journal.body.items).toMatchObject([
        { type: 'feed.created', practitionerId: gp.id, data: { kind: 'my-slots' } },
      ])
      for (const text of [listed.text, stored, journal.text, JSON.stringify(world.logged)])
        expect(text).not.toContain(secret)
      expect(world.logged.map(({ facts }) => [facts.operation, facts.status])).toContainEqual([
        'readFeed',
        200,
      ])
    })

    rule('[FEED-1] the roles that have no slots open no feed, and no other kind is known', async (world) => {
      const { gp, regulator } = await stage(world)
      for (const caller of [regulator, world.admin])
        for (const kind of ['my-slots', 'my-shifts'])
          expect((await caller.post('/feeds', { kind })).body).toMatchObject({
            status: 422,
            code: 'invalid_key_scope',
          })
      expect((await (await world.key('auditor')).post('/feeds', { kind: 'my-slots' })).status).toBe(403)
      expect((await gp.caller.post('/feeds', { kind: 'sector' })).status).toBe(400)
      expect((await gp.caller.post('/feeds', {})).status).toBe(400)
    })

    rule('[FEED-2] five feeds of a practitioner are open at most, whatever key made them', async (world) => {
      const { gp, community } = await stage(world)
      const second = await world.key('practitioner', { practitionerId: gp.id })
      const feeds = [await open(gp), await open(gp), await open(gp), await open(gp)]
      expect((await second.post('/feeds', { kind: 'my-slots' })).status).toBe(201)
      for (const caller of [gp.caller, second])
        expect((await caller.post('/feeds', { kind: 'my-slots' })).body).toMatchObject({
          status: 422,
          code: 'too_many_feeds',
          most: 5,
        })
      expect((await open(await makeGp(world, community))).id).toMatch(/^feed_/)
      await gp.caller.delete(`/feeds/${feeds[0]!.id}`)
      expect((await open(gp)).id).toMatch(/^feed_/)
      // Those of a key that is closed are read no more, so they do not count either.
      await revokeKeyOf(world, gp.caller)
      expect((await second.get('/feeds')).body.items).toHaveLength(1)
      expect((await second.post('/feeds', { kind: 'my-slots' })).status).toBe(201)
    })

    rule(
      '[FEED-3] revoked, made by a key that was revoked or has ended, unknown or malformed: one 404',
      async (world) => {
        const { gp } = await stage(world)
        const ending = await world.admin.post('/keys', {
          role: 'practitioner',
          label: 'un mois',
          practitionerId: gp.id,
          expiresAt: '2026-11-23T09:00:00+01:00',
        })
        const ended = (await world.as(ending.body.key).post('/feeds', { kind: 'my-slots' })).body
        const [kept, revoked] = [await open(gp), await open(gp)]
        for (const { url } of [ended, kept, revoked]) expect((await read(world, url)).status).toBe(200)

        expect((await gp.caller.delete(`/feeds/${revoked.id}`)).status).toBe(204)
        expect((await gp.caller.delete(`/feeds/${revoked.id}`)).status).toBe(204)
        const events = await world.admin.get(`/audit?subject=${revoked.id}`)
        expect(events.body.items.map(({ type }: { type: string }) => type)).toEqual([
          'feed.created',
          'feed.revoked',
        ])
        world.clock.advance(HOUR - 1)
        expect((await read(world, ended.url)).status).toBe(200)
        world.clock.advance(1)
        expect((await gp.caller.get('/feeds')).body.items).toMatchObject([{ id: kept.id }])

        const gone = await read(world, revoked.url)
        expect(gone.body).toMatchObject({ status: 404, code: 'not_found' })
        for (const url of [
          ended.url,
          `/92/v1/feeds/${'A'.repeat(43)}.ics`,
          '/92/v1/feeds/x.ics',
          '/92/v1/feeds/.ics',
          `/92/v1/feeds/${'é'.repeat(43)}.ics`,
          kept.url.replace('.ics', ''),
          kept.url.replace('.ics', '.ICS'),
          `/92/v1/feeds/${kept.id}.ics`,
        ])
          expect([url, (await read(world, url)).text]).toEqual([url, gone.text])
        expect((await read(world, kept.url)).status).toBe(200)
        await revokeKeyOf(world, gp.caller)
        expect((await read(world, kept.url)).text).toBe(gone.text)
      },
    )

    rule('[FEED-3] an admin lists and revokes any feed, a practitioner its own', async (world) => {
      const { gp, community } = await stage(world)
      const other = await makeGp(world, community)
      const own = await open(gp)
      world.clock.advance(1)
      const foreign = await open(other)
      expect((await gp.caller.get('/feeds')).body.items).toMatchObject([{ id: own.id }])
      expect((await world.admin.get('/feeds')).body.items).toMatchObject([{ id: own.id }, { id: foreign.id }])
      const page = await world.admin.get('/feeds?limit=1')
      expect(page.body).toMatchObject({ items: [{ id: own.id }], next: own.id })
      expect((await world.admin.get(`/feeds?after=${own.id}`)).body).toMatchObject({
        items: [{ id: foreign.id }],
        next: null,
      })
      expect((await gp.caller.delete(`/feeds/${foreign.id}`)).status).toBe(404)
      expect((await read(world, foreign.url)).status).toBe(200)
      expect((await world.admin.delete(`/feeds/${foreign.id}`)).status).toBe(204)
      expect((await read(world, foreign.url)).status).toBe(404)
    })

    rule(
      '[FEED-4] who guesses is refused as who guesses keys, and a feed has a rate of its own',
      async (world) => {
        const { gp } = await stage(world)
        const { url } = await open(gp)
        const guesses: number[] = []
        for (let i = 0; i < 205; i++)
          guesses.push((await read(world, `/92/v1/feeds/${String(i).padStart(43, 'A')}.ics`)).status)
        expect([guesses.indexOf(429), guesses.filter((status) => status === 404).length]).toEqual([200, 200])
        // Failed keys and failed addresses are counted together; whoever has a good one is let in.
        expect((await world.as(`udj_92_${'A'.repeat(43)}`).get('/slots')).status).toBe(429)
        expect((await read(world, url)).status).toBe(200)
      },
    )

    rule(
      '[FEED-4] more readings of one feed than a key may ask are refused until time goes on',
      async (world) => {
        const { gp } = await stage(world)
        const [one, two] = [await open(gp), await open(gp)]
        const statuses: number[] = []
        for (let i = 0; i < 12; i++) statuses.push((await read(world, one.url)).status)
        expect(statuses.slice(9)).toEqual([200, 429, 429])
        const refused = await read(world, one.url)
        expect(refused.body.code).toBe('rate_limited')
        expect(refused.headers.get('retry-after')).toBe('1')
        expect((await read(world, two.url)).status).toBe(200)
        world.clock.advance(SECOND)
        expect((await read(world, one.url)).status).toBe(200)
      },
      { info: { rate: { perSecond: 1, burst: 10 } } },
    )

    rule('[FEED-5] one VEVENT for each slot says when, where and how full, in UTC', async (world) => {
      const { gp, regulator, community } = await stage(world)
      const { url } = await open(gp)
      const other = await makeGp(world, community)
      await publish(other, '2026-11-24T09:00:00+01:00')
      const id = await publish(gp, '2026-11-24T09:00:00+01:00', 15, { capacity: 2 })
      const shown = (summary: string, sequence: number) => ({
        uid: `${id}@92.urgence-du-jour`,
        sequence,
        status: 'CONFIRMED',
        summary,
        location: 'Cabinet, 1 rue de l’Exemple, 92000 Nanterre',
        start: '2026-11-24T08:00:00Z',
        end: '2026-11-24T08:15:00Z',
        modified: '2026-11-23T07:00:00Z',
        transparency: 'OPAQUE',
      })
      expect(await onlyEvent(world, url)).toEqual(shown('Urgence du jour · libre', 0))
      await regulator.post(`/slots/${id}/holds`)
      expect(await onlyEvent(world, url)).toEqual(shown('Urgence du jour · libre', 0))
      const first = await regulator.post('/bookings', bookingBody(id))
      expect(await onlyEvent(world, url)).toEqual(shown('Urgence du jour · 1 place prise sur 2', 2))
      await regulator.post('/bookings', bookingBody(id))
      expect(await onlyEvent(world, url)).toEqual(shown('Urgence du jour · complet', 4))
      world.clock.advance(HOUR)
      await regulator.post(`/bookings/${String(first.body.id)}/cancel`, { reason: 'patient' })
      expect(await onlyEvent(world, url)).toEqual({
        ...shown('Urgence du jour · 1 place prise sur 2', 6),
        modified: '2026-11-23T08:00:00Z',
      })
    })

    rule('[FEED-5] readers are told the refresh, the product and a privacy class', async (world) => {
      const { gp } = await stage(world)
      const { url } = await open(gp)
      await publish(gp, '2026-11-24T09:00:00+01:00')
      const { text } = await read(world, url)
      for (const line of [
        'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//urgence-du-jour//urgence-du-jour//FR\r\n',
        '\r\nMETHOD:PUBLISH\r\n',
        '\r\nX-WR-CALNAME:Urgence du jour\r\n',
        '\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n',
        '\r\nX-PUBLISHED-TTL:PT1H\r\n',
        '\r\nDTSTAMP:20261123T070000Z\r\n',
        '\r\nCLASS:PRIVATE\r\n',
        '\r\nCATEGORIES:Urgence du jour\r\n',
        '\r\nEND:VCALENDAR\r\n',
      ])
        expect(`\r\n${text}`).toContain(line)
      expect(text).not.toContain('RRULE')
    })

    rule(
      '[FEED-5] slots of the days when the hour changes are at their instants',
      async (world) => {
        const { gp } = await stage(world)
        const { url } = await open(gp)
        for (const start of [
          '2026-10-25T02:30:00+02:00',
          '2026-10-25T02:30:00+01:00',
          '2026-10-25T09:00:00+01:00',
        ])
          await publish(gp, start, 30)
        const seen = seenIn((await read(world, url)).text)
        expect(seen.map(({ start, end }) => [start, end])).toEqual([
          ['2026-10-25T00:30:00Z', '2026-10-25T01:00:00Z'],
          ['2026-10-25T01:30:00Z', '2026-10-25T02:00:00Z'],
          ['2026-10-25T08:00:00Z', '2026-10-25T08:30:00Z'],
        ])
      },
      { now: '2026-10-23T08:00:00+02:00' },
    )

    rule('[FEED-6] nothing of a patient, a motive or a call is in a feed', async (world) => {
      const { gp, regulator } = await stage(world)
      const { url } = await open(gp)
      const word = fc.string({
        unit: fc.constantFrom('b', 'd', 'f', 'g', 'h', 'j', 'k', 'q', 'v', 'w', 'x', 'z'),
        minLength: 8,
        maxLength: 12,
      })
      const person = fc.record({
        family: word,
        given: word,
        address: word,
        motive: word,
        ref: word,
        operatorId: word,
        operator: word,
        note: word,
        phone: fc.integer({ min: 1000, max: 9999 }),
        isCancelled: fc.boolean(),
      })
      let hour = 0
      const unfolded = async () => (await read(world, url)).text.replaceAll('\r\n ', '').toLowerCase()
      await fc.assert(
        fc.asyncProperty(person, async ({ phone, isCancelled, ...texts }) => {
          const start = formatInstant(plus(at('2026-11-24T09:00:00+01:00'), hour++ * HOUR), 'Europe/Paris')
          const id = await publish(gp, start, 15, { modalities: ['HH'], motives: ['grippe'] })
          const made = await regulator.post(
            '/bookings',
            bookingBody(id, {
              patient: {
                family: texts.family,
                given: texts.given,
                birthDate: '1931-07-09',
                phone: `+3363998${phone}`,
                address: texts.address,
              },
              motive: { code: 'mental_health', text: texts.motive },
              regulationRef: texts.ref,
              operator: { id: texts.operatorId, name: texts.operator },
            }),
          )
          expect([made.status, made.text]).toEqual([201, made.text])
          if (isCancelled)
            await regulator.post(`/bookings/${String(made.body.id)}/cancel`, {
              reason: 'patient',
              note: texts.note,
            })
          const shown = await unfolded()
          expect(shown).toContain(id)
          for (const hidden of [...Object.values(texts), `3998${phone}`, '1931', 'mental', 'grippe'])
            expect(shown).not.toContain(hidden)
          expect(shown).not.toMatch(/(?:book|iden|akey|prac|site)_/)
        }),
        { seed: 20261123, numRuns: 15 },
      )
      // Names that a feed may show are found by the same look.
      expect(await unfolded()).toContain('cabinet\\, 1 rue de l’exemple')
    })

    rule('[FEED-7] SEQUENCE rises with every change of what is shown, and never falls', async (world) => {
      const { gp, community, regulator } = await stage(world)
      const other = await makeGp(world, community)
      const feeds = [await open(gp), await open(other)]
      const slots: string[] = []
      const bookings: string[] = []
      const known = new Map<string, Seen>()
      let day = 0
      let changes = 0
      /** Compares what is shown with what was shown before. */
      const look = async () => {
        for (const { url } of feeds)
          for (const event of seenIn((await read(world, url)).text)) {
            const before = known.get(event.uid)
            if (before) {
              const isSame =
                JSON.stringify({ ...before, sequence: 0, modified: 0 }) ===
                JSON.stringify({ ...event, sequence: 0, modified: 0 })
              expect(event.sequence).toBeGreaterThanOrEqual(before.sequence)
              expect(event.modified >= before.modified).toBe(true)
              if (!isSame) {
                expect([before, event.sequence > before.sequence]).toEqual([before, true])
                changes++
              }
            }
            known.set(event.uid, event)
          }
      }
      const pick = (from: readonly string[], n: number) => from[n % Math.max(1, from.length)]
      const act = async ([verb, a, b]: [string, number, number]) => {
        const slot = pick(slots, a)
        const booking = pick(bookings, b)
        world.clock.advance(7 * MINUTE)
        if (verb === 'publish') {
          const start = formatInstant(plus(world.clock.now(), 2 * DAY + day++ * HOUR), 'Europe/Paris')
          const release = { minutesBefore: 2 * 1440 - 30, to: 'practitioner' }
          slots.push(
            await publish(a % 2 === 0 ? gp : other, start, 30, {
              capacity: 1 + (b % 3),
              ...(b % 2 === 0 ? { release } : {}),
            }),
          )
        } else if (verb === 'book' && slot !== undefined) {
          const made = await regulator.post('/bookings', bookingBody(slot))
          if (made.status === 201) bookings.push(made.body.id)
        } else if (verb === 'hold' && slot !== undefined) await regulator.post(`/slots/${slot}/holds`)
        else if (verb === 'cancel' && booking !== undefined)
          await regulator.post(`/bookings/${booking}/cancel`, { reason: 'patient' })
        else if (verb === 'move' && booking !== undefined && slot !== undefined)
          await regulator.post(`/bookings/${booking}/move`, { slotId: slot })
        else if (verb === 'tick') await world.tick()
        else if (verb === 'withdraw' && slot !== undefined && b % 4 === 0)
          await world.admin.post(`/slots/${slot}/withdraw`)
      }
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.tuple(
              fc.constantFrom(
                'publish',
                'book',
                'book',
                'cancel',
                'move',
                'move',
                'hold',
                'withdraw',
                'tick',
              ),
              fc.nat(50),
              fc.nat(50),
            ),
            { minLength: 5, maxLength: 15 },
          ),
          async (steps) => {
            for (const step of steps) {
              await act(step)
              await look()
            }
          },
        ),
        { seed: 20261123, numRuns: 6 },
      )
      expect(changes).toBeGreaterThan(20)
    })

    rule(
      '[FEED-7] a move raises SEQUENCE of the slot left and of the slot taken, whosever they are',
      async (world) => {
        const { gp, community, regulator } = await stage(world)
        const other = await makeGp(world, community)
        const [mine, theirs] = [await open(gp), await open(other)]
        const from = await publish(gp, '2026-11-24T09:00:00+01:00')
        const to = await publish(other, '2026-11-24T09:00:00+01:00')
        const booked = await regulator.post('/bookings', bookingBody(from))
        await regulator.post(`/bookings/${String(booked.body.id)}/move`, { slotId: to })
        expect(await onlyEvent(world, mine.url)).toMatchObject({
          sequence: 4,
          summary: 'Urgence du jour · libre',
        })
        expect(await onlyEvent(world, theirs.url)).toMatchObject({
          sequence: 2,
          summary: 'Urgence du jour · complet',
        })
      },
    )

    rule('[FEED-8] a withdrawn slot is cancelled for 30 days, and then gone', async (world) => {
      const { gp } = await stage(world)
      const { url } = await open(gp)
      const id = await publish(gp, '2027-01-11T09:00:00+01:00')
      const before = await onlyEvent(world, url)
      world.clock.advance(HOUR)
      await gp.caller.post(`/slots/${id}/withdraw`)
      expect(await onlyEvent(world, url)).toEqual({
        ...before,
        sequence: 3,
        status: 'CANCELLED',
        transparency: 'TRANSPARENT',
        summary: 'Urgence du jour · retiré',
        modified: '2026-11-23T08:00:00Z',
      })
      world.clock.advance(30 * DAY - 1)
      expect(await onlyEvent(world, url)).toMatchObject({ status: 'CANCELLED', sequence: 3 })
      world.clock.advance(1)
      expect(seenIn((await read(world, url)).text)).toEqual([])
    })

    rule(
      '[FEED-8] one that somebody still has a seat of is not cancelled: the patient may come',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const { url } = await open(gp)
        const id = await publish(gp, '2026-11-24T09:00:00+01:00', 15, { capacity: 2 })
        const booked = await regulator.post('/bookings', bookingBody(id))
        await gp.caller.post(`/slots/${id}/withdraw`)
        expect(await onlyEvent(world, url)).toMatchObject({
          status: 'CONFIRMED',
          sequence: 4,
          summary: 'Urgence du jour · retiré, 1 place prise sur 2, à revoir',
        })
        await regulator.post(`/bookings/${String(booked.body.id)}/cancel`, { reason: 'practitioner' })
        expect(await onlyEvent(world, url)).toMatchObject({ status: 'CANCELLED', sequence: 7 })
      },
    )

    rule(
      '[FEED-8] time given back by a release is cancelled at its instant, noted by the tick or not',
      async (world) => {
        const { gp } = await stage(world)
        const { url } = await open(gp)
        await publish(gp, '2026-11-24T09:00:00+01:00', 15, {
          release: { minutesBefore: 60, to: 'practitioner' },
        })
        world.clock.set('2026-11-24T07:59:59+01:00')
        expect(await onlyEvent(world, url)).toMatchObject({ status: 'CONFIRMED', sequence: 0 })
        world.clock.set('2026-11-24T08:05:00+01:00')
        const judged = await read(world, url)
        expect(seenIn(judged.text)).toMatchObject([
          { status: 'CANCELLED', sequence: 1, modified: '2026-11-24T07:00:00Z' },
        ])
        await world.tick()
        expect((await read(world, url)).text).toBe(judged.text)
      },
    )

    rule('[FEED-8] the past is shown for 30 days', async (world) => {
      const { gp } = await stage(world)
      const { url } = await open(gp)
      await publish(gp, '2026-11-24T09:00:00+01:00')
      const before = await onlyEvent(world, url)
      world.clock.set('2026-12-24T09:00:00+01:00')
      expect(await onlyEvent(world, url)).toEqual(before)
      world.clock.advance(1)
      expect(seenIn((await read(world, url)).text)).toEqual([])
    })

    rule(
      '[FEED-9] what has not changed is the same bytes, and a reader that has them gets 304',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const { url } = await open(gp)
        const id = await publish(gp, '2026-11-24T09:00:00+01:00')
        const first = await read(world, url)
        const tag = first.headers.get('etag')!
        expect(tag).toMatch(/^"[0-9a-f]{40,}"$/)
        world.clock.advance(3 * HOUR)
        const second = await read(world, url)
        expect([second.text, second.headers.get('etag')]).toEqual([first.text, tag])
        for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
          const unchanged = await read(world, url, { 'if-none-match': known })
          expect([unchanged.status, unchanged.text, unchanged.headers.get('etag')]).toEqual([304, '', tag])
          expect(unchanged.headers.get('cache-control')).toBe('private, max-age=300')
        }
        expect((await read(world, url, { 'if-none-match': '"x"' })).status).toBe(200)
        await regulator.post('/bookings', bookingBody(id))
        const changed = await read(world, url, { 'if-none-match': tag })
        expect(changed.status).toBe(200)
        expect(changed.headers.get('etag')).not.toBe(tag)
        // A second feed of the same practitioner says the same.
        expect((await read(world, (await open(gp)).url)).text).toBe(changed.text)
      },
    )

    rule(
      '[FEED-10] whatever a site is called, lines hold 75 octets and other programs read the same',
      async (world) => {
        const { gp } = await stage(world)
        const { url } = await open(gp)
        const texts = fc.string({
          unit: fc.oneof(
            fc.constantFrom(
              ',',
              ';',
              '\\',
              ':',
              '"',
              'é',
              'œ',
              '€',
              '👩‍⚕️',
              '🇫🇷',
              '’',
              ' ',
              'n',
              'N',
              '\u{1F691}',
              '漢',
            ),
            fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }),
          ),
          minLength: 1,
          maxLength: 100,
          size: 'max',
        })
        let hour = 0
        await fc.assert(
          fc.asyncProperty(texts, texts, async (name, line) => {
            const made = await gp.caller.post(`/practitioners/${gp.id}/sites`, {
              name,
              line,
              postalCode: '92000',
              city: 'Nanterre',
              insee: '92050',
              lat: 48.9,
              lon: 2.2,
              phone: '+33199000001',
            })
            fc.pre(made.status === 201)
            const start = formatInstant(plus(at('2026-11-24T09:00:00+01:00'), hour++ * HOUR), 'Europe/Paris')
            const id = await publish({ ...gp, siteId: made.body.id }, start)
            const { text } = await read(world, url)
            expect(faultsOfLines(text)).toEqual([])
            expect(seenIn(text).find(({ uid }) => uid.startsWith(id))?.location).toBe(
              `${String(made.body.name)}, ${String(made.body.line)}, 92000 Nanterre`,
            )
          }),
          { seed: 20261123, numRuns: 15 },
        )
        expect(faultsOfLines(`X:${'é'.repeat(40)}\r\nEND\r\n`)).toHaveLength(1)
        expect(faultsOfLines('A\nB\r\nC')).toHaveLength(2)
      },
    )

    rule('[FEED-11] of more slots than a practice has, a feed shows the soonest 5,000', async (world) => {
      const { gp } = await stage(world)
      const { url } = await open(gp)
      const first = await publish(gp, '2026-11-24T09:00:00+01:00')
      await world.act(({ db }) => {
        const columns = db
          .all<{ name: string }>(sql`select name from pragma_table_info('slots')`)
          .map(({ name }) => name)
          .filter((name) => !['id', 'start', 'end'].includes(name))
          .map((name) => `"${name}"`)
          .join()
        db.run(
          sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
            insert into slots (id, start, "end", ${sql.raw(columns)})
            select id || i, start + i * 3600000, "end" + i * 3600000, ${sql.raw(columns)} from slots, n`,
        )
      })
      const { text } = await read(world, url)
      const uids = [...text.matchAll(/^UID:(\S+)@/gm)].map(([, uid]) => uid)
      expect(uids).toHaveLength(5_000)
      expect(new Set(uids).size).toBe(5_000)
      expect([uids[0], uids.at(-1)]).toEqual([first, `${first}4999`])
    })
  })
}
