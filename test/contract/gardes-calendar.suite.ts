import { describe, expect } from 'vitest'
import { setHolder } from '../../src/gardes/rotas/actions.ts'
import { DAY, HOUR } from '../../src/kernel/time.ts'
import { faultsOfLines, read, seenIn, type Seen } from '../support/calendar.ts'
import { makeCommunity, makeGp, rppsOf } from '../support/members.ts'
import { makeRota, publish, rotaStage, shiftsOf, type RotaStage } from '../support/rotas.ts'
import type { Suite } from '../support/runtime.ts'
import { created, NIGHT } from '../support/sectors.ts'
import type { Caller, World } from '../support/world.ts'

const PLACE = {
  siteName: 'Maison médicale de garde',
  address: '40 rue de l’Exemple',
  postalCode: '92150',
  city: 'Suresnes',
}

/** Evenings and nights of four days in January, not published; the GPs of the stage have the evenings in turn. */
const planned = async (world: World, more: Parameters<typeof rotaStage>[2] = {}, period = {}) => {
  world.clock.set('2026-12-20T09:00:00+01:00')
  const stage = await rotaStage(world, 3, { types: [{}, NIGHT], sector: PLACE, ...more })
  const rotaId = await makeRota(stage, { from: '2027-01-04', to: '2027-01-07', ...period })
  const shifts = await shiftsOf(stage.coordinator, rotaId)
  const evenings = shifts.filter(({ code }) => code === 'evening')
  for (const [index, shift] of evenings.entries())
    await hold(world, shift.id, { titulaireId: gpOf(stage, index).id })
  return { ...stage, rotaId, evenings, nights: shifts.filter(({ code }) => code === 'night') }
}

const hold = (world: World, shiftId: string, change: Parameters<typeof setHolder>[3]) =>
  world.act((ctx) => {
    setHolder(ctx, shiftId, 1, change)
  })

const gpOf = ({ gps }: Pick<RotaStage, 'gps'>, index: number) => {
  const gp = gps[index % gps.length]
  if (!gp) throw new Error('a GP')
  return gp
}

const open = async (caller: Caller, body: Record<string, unknown>): Promise<{ id: string; url: string }> => {
  const made = await caller.post('/feeds', body)
  if (made.status !== 201) throw new Error(made.text)
  return made.body
}

const shownBy = async (world: World, url: string): Promise<Seen[]> => {
  const answer = await read(world, url)
  if (answer.status !== 200) throw new Error(answer.text)
  expect(faultsOfLines(answer.text)).toEqual([])
  return seenIn(answer.text)
}

const statusOf = async (world: World, url: string) => (await read(world, url)).status

const uidOf = (shiftId: string) => `${shiftId}-1@92.urgence-du-jour`

const give = async (stage: RotaStage, shiftId: string, from: number, to: number): Promise<void> => {
  const body = { kind: 'give', shiftId, place: 1, toPractitionerId: gpOf(stage, to).id }
  const id = await created(gpOf(stage, from).caller.post('/swaps', body))
  const answer = await gpOf(stage, to).caller.post(`/swaps/${id}/accept`, {})
  if (answer.status !== 200) throw new Error(answer.text)
}

const ics = async (caller: Caller, rotaId: string, query = '') => {
  const answer = await caller.get(`/rotas/${rotaId}/export?format=ics${query}`)
  if (answer.status !== 200) throw new Error(answer.text)
  expect(answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8')
  expect(faultsOfLines(answer.text)).toEqual([])
  return seenIn(answer.text)
}

const hoursOf = ({ start, end }: Seen) => (Date.parse(end) - Date.parse(start)) / HOUR

export const gardesCalendarSuite: Suite = (rule) => {
  describe('gardes in calendars', () => {
    rule('[EXPORT-7] a rota is a calendar of the places that somebody does, in UTC', async (world) => {
      const stage = await planned(world)
      const { coordinator, rotaId, evenings } = stage
      const gp = (await world.admin.get(`/practitioners/${gpOf(stage, 0).id}`)).body
      const [first, ...others] = await ics(coordinator, rotaId)
      // Nobody has a night yet.
      expect([first, ...others].map((event) => event?.uid)).toEqual(evenings.map(({ id }) => uidOf(id)))
      expect(first).toEqual({
        uid: uidOf(evenings[0]?.id ?? ''),
        sequence: 2 * (await versionOf(coordinator, stage.sectorId)),
        status: 'TENTATIVE',
        summary: `Soirée · Camille ${String(gp.family)}`,
        description: 'Secteur : Secteur Nord\nPoste : Effecteur',
        location: 'Maison médicale de garde, 40 rue de l’Exemple, 92150 Suresnes',
        start: '2027-01-04T19:00:00Z',
        end: '2027-01-04T23:00:00Z',
        modified: '2026-12-20T08:00:00Z',
        transparency: 'OPAQUE',
      })
      await publish(coordinator, rotaId)
      expect((await ics(coordinator, rotaId)).map(({ status }) => status)).toEqual(
        Array.from({ length: 4 }, () => 'CONFIRMED'),
      )
      expect(await ics(coordinator, rotaId, '&kind=performed')).toEqual([])
      world.clock.set('2027-01-05T00:00:00+01:00')
      expect(await ics(coordinator, rotaId, '&kind=performed')).toHaveLength(1)
      const { headers } = await coordinator.get(`/rotas/${rotaId}/export?format=ics&kind=performed`)
      expect(headers.get('content-disposition')).toBe(
        'attachment; filename="garde-2027-01-04-2027-01-07-effectue.ics"',
      )
    })

    rule('[EXPORT-7] a night of March has seven hours, one of October nine', async (world) => {
      const lengths: number[] = []
      const stage = await rotaStage(world, 1, { types: [NIGHT] })
      for (const day of ['2027-03-28', '2027-10-31']) {
        const rotaId = await makeRota(stage, { from: day, to: day })
        const [night] = await shiftsOf(stage.coordinator, rotaId)
        await hold(world, night?.id ?? '', { titulaireId: gpOf(stage, 0).id })
        lengths.push(...(await ics(stage.coordinator, rotaId)).map(hoursOf))
      }
      expect(lengths).toEqual([7, 9])
    })

    rule('[EXPORT-7] of one person it holds the places that they do, in each format', async (world) => {
      const stage = await planned(world)
      const { coordinator, rotaId, evenings } = stage
      await publish(coordinator, rotaId)
      await give(stage, evenings[0]?.id ?? '', 0, 1)
      const uidsOf = async (index: number) =>
        (await ics(coordinator, rotaId, `&practitioner=${gpOf(stage, index).id}`)).map(({ uid }) => uid)
      expect(await uidsOf(0)).toEqual([uidOf(evenings[3]?.id ?? '')])
      expect(await uidsOf(1)).toEqual([0, 1].map((index) => uidOf(evenings[index]?.id ?? '')))
      const csv = (await coordinator.get(`/rotas/${rotaId}/export?practitioner=${gpOf(stage, 1).id}`)).text
      expect(csv.split('\r\n')).toHaveLength(1 + 2 + 1)
      const page = await coordinator.get(
        `/rotas/${rotaId}/export?format=html&practitioner=${gpOf(stage, 2).id}`,
      )
      expect(page.text.match(/<tr><td>|<tr class/g)).toHaveLength(1)
      // Somebody from outside is named, with the telephone that the rota shows.
      await hold(world, evenings[2]?.id ?? '', { outsideName: 'Dr Fictif', outsidePhone: '+33199000077' })
      const stand = (await ics(coordinator, rotaId)).find(({ uid }) => uid === uidOf(evenings[2]?.id ?? ''))
      expect(stand).toMatchObject({
        summary: 'Soirée · Dr Fictif',
        description: 'Secteur : Secteur Nord\nPoste : Effecteur\nTéléphone : 01 99 00 00 77',
      })
    })

    rule(
      '[FEED-12] a practitioner follows the gardes that they do, once they are published',
      async (world) => {
        const stage = await planned(world)
        const { coordinator, rotaId, evenings } = stage
        const gp = gpOf(stage, 0)
        const { url, ...feed } = await open(gp.caller, { kind: 'my-shifts' })
        expect(feed).toMatchObject({ kind: 'my-shifts' })
        expect(await shownBy(world, url)).toEqual([])
        world.clock.advance(HOUR)
        await publish(coordinator, rotaId)
        const shown = await shownBy(world, url)
        expect(shown.map(({ uid }) => uid)).toEqual([0, 3].map((index) => uidOf(evenings[index]?.id ?? '')))
        expect(shown[0]).toEqual({
          uid: uidOf(evenings[0]?.id ?? ''),
          sequence: 2 * (1 + (await versionOf(coordinator, stage.sectorId))),
          status: 'CONFIRMED',
          summary: 'Garde · Soirée',
          description: 'Secteur : Secteur Nord\nPoste : Effecteur',
          location: 'Maison médicale de garde, 40 rue de l’Exemple, 92150 Suresnes',
          start: '2027-01-04T19:00:00Z',
          end: '2027-01-04T23:00:00Z',
          modified: '2026-12-20T09:00:00Z',
          transparency: 'OPAQUE',
        })
        // Another's gardes are not theirs to follow by this feed, nor the telephone of anybody.
        const { text } = await read(world, url)
        expect(text).not.toMatch(/Fictif|99 00 00/)
        expect((await read(world, url)).text).toBe(text)
      },
    )

    rule(
      '[FEED-13] a garde that left somebody is cancelled for 30 days; SEQUENCE rises with each change',
      async (world) => {
        const stage = await planned(world)
        const { coordinator, rotaId, evenings } = stage
        await publish(coordinator, rotaId)
        const [one, two] = await Promise.all(
          [0, 1].map(async (index) => (await open(gpOf(stage, index).caller, { kind: 'my-shifts' })).url),
        )
        const uid = uidOf(evenings[0]?.id ?? '')
        const seen = async (url: string | undefined) =>
          (await shownBy(world, url ?? '')).find((event) => event.uid === uid)
        const before = await seen(one)
        expect([before?.status, await seen(two)]).toEqual(['CONFIRMED', undefined])
        world.clock.advance(HOUR)
        await give(stage, evenings[0]?.id ?? '', 0, 1)
        const left = await seen(one)
        expect(left).toMatchObject({
          status: 'CANCELLED',
          modified: '2026-12-20T09:00:00Z',
          transparency: 'TRANSPARENT',
        })
        const had = await seen(two)
        expect(had).toMatchObject({ status: 'CONFIRMED', modified: '2026-12-20T09:00:00Z' })
        // What stands beside it is as it was.
        expect((await shownBy(world, one ?? '')).map(({ status }) => status)).toEqual([
          'CANCELLED',
          'CONFIRMED',
        ])
        world.clock.advance(HOUR)
        await give(stage, evenings[0]?.id ?? '', 1, 0)
        const back = await seen(one)
        expect([back?.status, (await seen(two))?.status]).toEqual(['CONFIRMED', 'CANCELLED'])
        const rising = [before, left, back].map((event) => event?.sequence ?? -1)
        expect(rising).toEqual([...new Set(rising)].sort((x, y) => x - y))
        // Taken by hand, given to somebody from outside, emptied: each leaves whoever had it.
        await coordinator.put(`/shifts/${evenings[0]?.id ?? ''}/places/1`, { practitionerId: null })
        expect((await seen(one))?.status).toBe('CANCELLED')
        expect((await seen(two))?.status).toBe('CANCELLED')
        const outside = { name: 'Dr Fictif', rpps: rppsOf(777), phone: '0199000077' }
        const shiftId = evenings[1]?.id
        await gpOf(stage, 1).caller.post('/swaps', { kind: 'replacement', shiftId, place: 1, outside })
        const other = (await shownBy(world, two ?? '')).find((event) => event.uid === uidOf(shiftId ?? ''))
        expect(other?.status).toBe('CANCELLED')
        world.clock.advance(30 * DAY - 1)
        expect((await seen(one))?.status).toBe('CANCELLED')
        world.clock.advance(HOUR)
        expect(await seen(one)).toBeUndefined()
      },
    )

    rule('[FEED-14] who is on duty in a sector is followed by those whom it concerns', async (world) => {
      const stage = await planned(world)
      const { coordinator, rotaId, sectorId, evenings, nights } = stage
      await publish(coordinator, rotaId)
      const body = { kind: 'sector', sectorId }
      const member = gpOf(stage, 0)
      const callers = [coordinator, member.caller, await world.key('regulator'), world.admin]
      const feeds: { id: string; url: string }[] = []
      for (const caller of callers) feeds.push(await open(caller, body))
      const texts = await Promise.all(feeds.map(async ({ url }) => (await read(world, url)).text))
      expect(new Set(texts).size).toBe(1)
      const seen = seenIn(texts[0] ?? '')
      // Those that nobody has as well.
      expect(seen).toHaveLength(8)
      const eventOf = (shift: { readonly id: string } | undefined) =>
        seen.find(({ uid }) => uid === uidOf(shift?.id ?? ''))
      expect(eventOf(nights[0])).toMatchObject({ summary: 'Nuit profonde · à pourvoir', status: 'CONFIRMED' })
      expect(eventOf(evenings[0])?.summary).toMatch(/^Soirée · Camille Fictif/)
      expect(eventOf(evenings[0])?.description).toBe(
        'Secteur : Secteur Nord\nPoste : Effecteur\nTéléphone : 01 99 00 00 01',
      )
      // Each lists and closes what is its own.
      expect((await coordinator.get('/feeds')).body.items).toMatchObject([{ ...body, id: feeds[0]?.id }])
      expect((await coordinator.delete(`/feeds/${feeds[1]?.id ?? ''}`)).status).toBe(404)
      expect((await world.admin.get('/feeds')).body.items).toHaveLength(4)
      expect((await coordinator.delete(`/feeds/${feeds[0]?.id ?? ''}`)).status).toBe(204)
      expect(await statusOf(world, feeds[0]?.url ?? '')).toBe(404)
      // Somebody else changes hands in it, with the same UID.
      await give(stage, evenings[0]?.id ?? '', 0, 1)
      const changed = (await shownBy(world, feeds[1]?.url ?? '')).find(
        ({ uid }) => uid === uidOf(evenings[0]?.id ?? ''),
      )
      expect(changed?.summary).not.toBe(eventOf(evenings[0])?.summary)
      expect(changed?.sequence).toBe((eventOf(evenings[0])?.sequence ?? 0) + 2)
    })

    rule('[FEED-14] others are refused, and whoever leaves the sector reads no more', async (world) => {
      const stage = await planned(world)
      const { coordinator, rotaId, sectorId } = stage
      await publish(coordinator, rotaId)
      const elsewhere = await makeCommunity(world, '92063')
      const stranger = await makeGp(world, elsewhere, '92063')
      const body = { kind: 'sector', sectorId }
      const absent = { kind: 'sector', sectorId: 'sect_7zzzzzzzzzzzzzzzzzzzzzzzzz' }
      const text = (await coordinator.post('/feeds', absent)).body
      for (const caller of [stranger.caller, await world.key('coordinator', { communityIds: [elsewhere] })])
        expect((await caller.post('/feeds', body)).body).toMatchObject({
          status: 404,
          code: 'not_found',
          detail: text.detail,
        })
      const [one, two] = [gpOf(stage, 0), gpOf(stage, 1)]
      const [left, kept] = [await open(one.caller, body), await open(two.caller, body)]
      const list = [1, 2].map((index) => ({
        practitionerId: gpOf(stage, index).id,
        share: 100,
        from: '2026-01-01',
      }))
      expect((await coordinator.put(`/sectors/${sectorId}/members`, list)).status).toBe(200)
      expect([await statusOf(world, left.url), await statusOf(world, kept.url)]).toEqual([404, 200])
      const mine = await open(coordinator, body)
      const other = await makeCommunity(world, '92073')
      await world.admin.patch(`/sectors/${sectorId}`, { communityIds: [other] })
      expect([await statusOf(world, mine.url), await statusOf(world, kept.url)]).toEqual([404, 200])
    })

    rule(
      '[FEED-14] the regulation follows rotas to be worked, the others what was done too',
      async (world) => {
        const stage = await planned(world)
        const { coordinator, rotaId, sectorId } = stage
        const body = { kind: 'sector', sectorId }
        const feeds = [await open(await world.key('regulator'), body), await open(coordinator, body)]
        const counts = () => Promise.all(feeds.map(async ({ url }) => (await shownBy(world, url)).length))
        expect(await counts()).toEqual([0, 0])
        await publish(coordinator, rotaId)
        expect(await counts()).toEqual([8, 8])
        world.clock.set('2027-01-08T09:00:00+01:00')
        expect(await world.tick()).toEqual([])
        expect(await counts()).toEqual([0, 8])
      },
    )
  })
}

/** How often a sector was changed since it was made. */
const versionOf = async (caller: Caller, sectorId: string): Promise<number> =>
  (await caller.get(`/sectors/${sectorId}`)).body.version - 1
