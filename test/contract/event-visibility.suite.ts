import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { append } from '../../src/events/actions.ts'
import { MINUTE } from '../../src/kernel/time.ts'
import { makeRequest } from '../support/allocations.ts'
import { everyPage } from '../support/attempt.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import { propose } from '../support/proposals.ts'
import type { Suite } from '../support/runtime.ts'
import { makeSector } from '../support/sectors.ts'
import { follow } from '../support/stream.ts'
import { SYSTEM, type Answered, type Caller, type World } from '../support/world.ts'

/** An event with all that the journal says of it. */
interface Entry {
  readonly seq: number
  readonly type: string
  readonly actor: string
  readonly subject: string
  readonly practitionerId: string | null
  readonly data: Record<string, unknown>
}

const journal = (world: World): Promise<Entry[]> => everyPage(world.admin, '/audit', 200)

type Reader =
  | { readonly role: 'admin' }
  | { readonly role: 'practitioner'; readonly id: string; readonly sectors?: readonly string[] }
  | {
      readonly role: 'coordinator'
      readonly communityIds: readonly string[]
      readonly members: readonly string[]
      /** Sectors that they manage. */
      readonly sectors: readonly string[]
    }
  | { readonly role: 'regulator' }

const GARDE_FAMILIES = [
  'sector',
  'shift_types',
  'sector_members',
  'restriction',
  'wish',
  'absence',
  'rota',
  'swap',
]

/** What is told of gardes, once more in plain words. */
const mayTellGarde = (
  reader: Reader & { readonly role: 'practitioner' | 'coordinator' },
  { type, subject, practitionerId, data }: Entry,
): boolean => {
  const sectorId = (data.sectorId ?? subject) as string
  const isOf = reader.sectors?.includes(sectorId) === true
  if (reader.role === 'coordinator') return isOf
  if (practitionerId === reader.id || data.fromPractitionerId === reader.id) return true
  const isShown = !(['draft', 'generated'] as unknown[]).includes(data.state)
  if (type === 'rota.changed')
    return isShown && (isOf || (data.practitionerIds as string[]).includes(reader.id))
  if (type.startsWith('swap.')) return isOf && data.kind === 'open'
  return (
    isOf &&
    (type === 'rota.transitioned' ||
      ['sector', 'shift_types', 'sector_members'].includes(type.split('.')[0]!))
  )
}

/** The rule once more, in plain words over the whole journal, knowing nothing of tables and indexes. */
const mayTell = (reader: Reader, event: Entry, whole: readonly Entry[]): boolean => {
  const family = event.type.split('.')[0]!
  const { practitionerId, subject, data } = event
  const concerned = [practitionerId, data.fromPractitionerId]
  const isBookedByPractitioner = (bookingId: unknown) =>
    whole.some(
      (one) =>
        one.type === 'booking.created' && one.subject === bookingId && one.data.origin === 'practitioner',
    )
  if (GARDE_FAMILIES.includes(family) && (reader.role === 'practitioner' || reader.role === 'coordinator'))
    return mayTellGarde(reader, event)
  switch (reader.role) {
    case 'admin':
      return true
    case 'practitioner':
      return (
        concerned.includes(reader.id) ||
        (['en_sus.requested', 'en_sus.wave_started'].includes(event.type) &&
          (data.practitionerIds as string[]).includes(reader.id))
      )
    case 'coordinator':
      if (['allocation_rules', 'mt_request', 'mt_requests', 'allocation', 'proposal'].includes(family))
        return reader.communityIds.includes(data.communityId as string)
      return (
        concerned.some((id) => typeof id === 'string' && reader.members.includes(id)) ||
        reader.communityIds.includes(subject)
      )
    case 'regulator':
      if (['slot', 'slots', 'series', 'en_sus', 'practitioner', 'site', 'community'].includes(family))
        return true
      if (family === 'booking') return !isBookedByPractitioner(subject)
      if (family === 'hold')
        return whole.some(
          (one) =>
            one.type === 'hold.created' && one.subject === subject && !one.actor.startsWith('practitioner:'),
        )
      if (event.type === 'identity.erased')
        return (data.bookings as string[]).some((id) => !isBookedByPractitioner(id))
      return false
  }
}

const dataFor = (reader: Reader, type: string, data: Entry['data']): Entry['data'] => {
  if (reader.role !== 'practitioner') return data
  const { overridden: _, ...told } = data
  return type.startsWith('en_sus.') && 'practitionerIds' in told
    ? { ...told, practitionerIds: [reader.id] }
    : told
}

/** What the rule lets a reader see of this journal. */
const toldOf = (reader: Reader, whole: readonly Entry[]) =>
  whole
    .filter((event) => mayTell(reader, event, whole))
    .map(({ seq, type, data }) => ({ seq, type, data: dataFor(reader, type, data) }))

const seenBy = async (caller: Caller, limit = 200) =>
  ((await everyPage(caller, '/events', limit)) as Entry[]).map(({ seq, type, data }) => ({ seq, type, data }))

/** The journal of a request en sus that asks these practitioners, with what its events stand on. */
const askEnSus = (world: World, practitionerIds: readonly string[]) =>
  world.act((ctx) => {
    const id = ctx.newId('enSus')
    ctx.db.run(sql`insert into en_sus_requests
      (id, state, commune, modality, motive_code, requested_delay, regulation_ref, key_id, wave_told, expires_at, version, created_at)
      values (${id}, 'asking', '92050', 'in_person', 'fever', 'same_day', 'DRM', (select min(id) from keys), 1, ${ctx.now}, 1, ${ctx.now})`)
    for (const practitionerId of practitionerIds)
      ctx.db.run(sql`insert into en_sus_asks (request_id, practitioner_id, wave, asked_from, km)
        values (${id}, ${practitionerId}, 1, ${ctx.now}, 1)`)
    append(ctx, {
      type: 'en_sus.requested',
      subject: id,
      data: { practitionerIds: practitionerIds.slice(0, 1) },
    })
    append(ctx, {
      type: 'en_sus.wave_started',
      subject: id,
      data: { wave: 2, practitionerIds: practitionerIds.slice(1) },
    })
    const [accepting] = practitionerIds
    if (accepting !== undefined)
      append(ctx, { type: 'en_sus.accepted', subject: id, practitionerId: accepting })
    append(ctx, { type: 'en_sus.closed', subject: id })
  }, SYSTEM)

const makeCast = async (world: World) => {
  const a = await makeCommunity(world, '92050')
  const b = await makeCommunity(world, '92063')
  const gps = [await makeGp(world, a), await makeGp(world, b, '92063'), await makeGp(world, a)]
  // Neither list is that of the CPTS, and one of the sectors has nobody's member of its own.
  const sectors = [
    await makeSector(world, [a], [gps[0]!, gps[1]!]),
    await makeSector(world, [b], [gps[2]!]),
  ] as const
  const regulator = await world.key('regulator')
  const coordinators = [
    { caller: await world.key('coordinator', { communityIds: [a] }), communityIds: [a] },
    { caller: await world.key('coordinator', { communityIds: [b] }), communityIds: [b] },
    { caller: await world.key('coordinator', { communityIds: [a, b] }), communityIds: [a, b] },
  ]
  /** Everybody who reads, with what the rule knows of them now. */
  const readers = (): { caller: Caller; reader: Reader }[] => {
    const members = world.territory.read(
      (db) =>
        db.all(
          sql`select practitioner_id as member, community_id as community from practitioner_communities`,
        ) as never,
    ) as { member: string; community: string }[]
    const lists = world.territory.read(
      (db) => db.all(sql`select practitioner_id as member, sector_id as sector from sector_members`) as never,
    ) as { member: string; sector: string }[]
    const shared = [
      { community: a, sector: sectors[0] },
      { community: b, sector: sectors[1] },
    ]
    return [
      { caller: world.admin, reader: { role: 'admin' } },
      { caller: regulator, reader: { role: 'regulator' } },
      ...gps.map(({ id, caller }) => ({
        caller,
        reader: {
          role: 'practitioner',
          id,
          sectors: lists.filter(({ member }) => member === id).map(({ sector }) => sector),
        } as const,
      })),
      ...coordinators.map(({ caller, communityIds }) => ({
        caller,
        reader: {
          role: 'coordinator',
          communityIds,
          sectors: shared
            .filter(({ community }) => communityIds.includes(community))
            .map(({ sector }) => sector),
          members: members
            .filter(({ community }) => communityIds.includes(community))
            .map(({ member }) => member),
        } as const,
      })),
    ]
  }
  return { communities: [a, b] as const, gps, sectors, regulator, readers }
}

const ACTS = [
  'publish',
  'batch',
  'withdraw',
  'series',
  'book',
  'cancel',
  'move',
  'erase',
  'hold',
  'release',
  'expire',
  'practitioner',
  'join',
  'community',
  'plan',
  'key',
  'en_sus',
  'sector',
  'list',
  'away',
  'rota',
  'place',
  'publish_rota',
  'swap',
  'answer',
  'propose',
] as const

/** Lets things happen in a territory; what is refused is not an event. */
const player = async (world: World) => {
  const cast = await makeCast(world)
  const { gps, regulator, communities, sectors } = cast
  const slots: { id: string; gp: Member }[] = []
  const bookings: string[] = []
  const holds: { id: string; caller: Caller }[] = []
  const rotas: { id: string; shift: string; holder?: Member }[] = []
  const asked: string[] = []
  let hours = 0
  const next = (gp: Member) => {
    const start = Date.parse('2026-11-24T00:00:00+01:00') + 10 * MINUTE * hours++
    const text = (at: number) => new Date(at).toISOString()
    return slotBody(gp, text(start), text(start + 10 * MINUTE), { audiences: ['PRO', 'SNP'], capacity: 3 })
  }
  const made = (answer: Answered, keep: (id: string) => void): Answered => {
    if (answer.status === 201) keep(answer.body.id)
    return answer
  }
  const play = async (act: (typeof ACTS)[number], one: number, two: number): Promise<unknown> => {
    const gp = gps[one % 3]!
    const other = gps[two % 3]!
    const slot = slots.at(-1 - (one % 4))
    const booking = bookings.at(-1 - (one % 4))
    const booker = two % 2 === 0 ? regulator : other.caller
    const sector = sectors[one % 2]!
    switch (act) {
      case 'publish':
        return made(await gp.caller.post('/slots', next(gp)), (id) => slots.push({ id, gp }))
      case 'batch':
        return world.admin.post('/slots/batch', { slots: [next(gp), next(other), next(gp)] })
      case 'withdraw':
        return slot?.gp.caller.post(`/slots/${slot.id}/withdraw`)
      case 'series':
        return gp.caller.post('/series', {
          practitionerId: gp.id,
          siteId: gp.siteId,
          rrule: 'FREQ=WEEKLY;COUNT=2',
          localStart: `2027-01-${String(1 + (hours++ % 28)).padStart(2, '0')}T15:00`,
          durationMinutes: 30,
          slotMinutes: 15,
        })
      case 'book':
        return slot && made(await booker.post('/bookings', bookingBody(slot.id)), (id) => bookings.push(id))
      case 'cancel':
        return booking && world.admin.post(`/bookings/${booking}/cancel`, { reason: 'patient' })
      case 'move':
        return slot && booking && world.admin.post(`/bookings/${booking}/move`, { slotId: slot.id })
      case 'erase':
        return booking && world.admin.post(`/bookings/${booking}/erase`, { requestedBy: 'patient' })
      case 'hold':
        return (
          slot &&
          made(await booker.post(`/slots/${slot.id}/holds`), (id) => holds.push({ id, caller: booker }))
        )
      case 'release': {
        const held = holds.at(-1 - (one % 2))
        return held?.caller.delete(`/holds/${held.id}`)
      }
      case 'expire':
        world.clock.advance(4 * MINUTE)
        return world.tick()
      case 'practitioner':
        return world.admin.patch(`/practitioners/${gp.id}`, { weeklyTargetMinutes: 60 + one })
      case 'join':
        return world.admin.patch(`/practitioners/${gp.id}`, { communityIds: [communities[two % 2]!] })
      case 'community':
        return world.admin.patch(`/communities/${communities[one % 2]!}`, { name: `CPTS ${two}` })
      case 'plan':
        return world.admin.put(`/communities/${communities[one % 2]!}/coverage-plan`, { wanted: [] })
      case 'key':
        return world.admin.post('/keys', { role: 'practitioner', label: 'GP', practitionerId: gp.id })
      case 'en_sus':
        return askEnSus(world, two % 2 === 0 ? [gp.id] : [...new Set([gp.id, other.id])])
      case 'sector':
        return world.admin.patch(`/sectors/${sector}`, { restHours: one % 8 })
      case 'list':
        return world.admin.put(
          `/sectors/${sector}/members`,
          gps
            .filter((_, index) => (1 + two) & (1 << index))
            .map(({ id }) => ({ practitionerId: id, share: 100, from: '2026-01-01' })),
        )
      case 'away':
        return world.admin.post(`/sectors/${sector}/absences`, {
          practitionerId: gp.id,
          from: '2026-12-01',
          to: '2026-12-02',
        })
      case 'rota': {
        const from = new Date(Date.parse('2028-01-01') + 86_400_000 * rotas.length).toISOString().slice(0, 10)
        const period = { sectorId: sector, from, to: from, exceptional: true }
        const made = await world.admin.post('/rotas', period)
        const id = made.body.id as string
        const { items } = (await world.admin.get(`/rotas/${id}/shifts`)).body
        rotas.push({ id, shift: items[0].id })
        return made
      }
      case 'place': {
        const rota = rotas.at(-1 - (two % 2))
        if (!rota) return undefined
        rota.holder = gp
        return world.admin.put(`/shifts/${rota.shift}/places/1`, {
          practitionerId: gp.id,
          override: 'décidé ensemble',
        })
      }
      case 'publish_rota': {
        const rota = rotas.at(-1 - (two % 2))
        for (const to of ['consultation', 'validated', 'sent_to_cdom', 'published'])
          if (rota) await world.admin.post(`/rotas/${rota.id}/transition`, { to })
        return rota
      }
      case 'swap': {
        const rota = rotas.at(-1 - (one % 2))
        if (!rota?.holder) return undefined
        const kind = two % 2 === 0 ? { kind: 'open' } : { kind: 'replacement', toPractitionerId: other.id }
        const swap = await world.admin.post('/swaps', { shiftId: rota.shift, place: 1, ...kind })
        return made(swap, (id) => asked.push(id))
      }
      case 'answer': {
        const id = asked.at(-1 - (one % 2))
        if (id === undefined) return undefined
        return two % 3 === 0
          ? world.admin.post(`/swaps/${id}/cancel`, {})
          : gp.caller.post(`/swaps/${id}/accept`, {})
      }
      case 'propose': {
        const communityId = communities[two % 2]!
        const id = await propose(world, communityId, await makeRequest(world, communityId), gp.id)
        return gp.caller.post(`/proposals/${id}/refuse`, { reason: 'capacity' })
      }
    }
  }
  return { ...cast, play }
}

const typesOf = (events: readonly { type: string }[]) => [...new Set(events.map(({ type }) => type))].sort()

export const eventVisibilitySuite: Suite = (rule) => {
  describe('who sees which event', () => {
    rule('[EVENT-9] each role is told of what concerns it, and of nothing else', async (world) => {
      const { gps, regulator, readers, play } = await player(world)
      const [own, stranger] = [gps[0]!, gps[1]!]
      const before = (await journal(world)).length
      const since = async (caller: Caller) => (await seenBy(caller)).filter(({ seq }) => seq > before)

      await play('publish', 0, 0)
      await play('book', 0, 0) // by regulation
      await play('book', 0, 1) // by the stranger, for a patient of their own
      await play('hold', 0, 0)
      await play('release', 0, 0)
      await play('plan', 0, 0)
      await play('community', 0, 0)
      await play('key', 0, 0)
      const all = ['slot.published', 'booking.created', 'hold.created', 'hold.released']

      expect(typesOf(await since(own.caller))).toEqual([...all].sort())
      expect(await since(stranger.caller)).toEqual([])
      const [, , , , , ofOwn, ofStranger] = readers()
      expect(typesOf(await since(ofOwn!.caller))).toEqual(
        [...all, 'community.updated', 'coverage_plan.set'].sort(),
      )
      expect(await since(ofStranger!.caller)).toEqual([])
      const byRegulation = await since(regulator)
      expect(typesOf(byRegulation)).toEqual([...all, 'community.updated'].sort())
      expect(byRegulation.filter(({ type }) => type === 'booking.created')).toHaveLength(1)
      expect((await since(own.caller)).filter(({ type }) => type === 'booking.created')).toHaveLength(2)
      expect(typesOf(await since(world.admin))).toEqual(
        [...all, 'community.updated', 'coverage_plan.set', 'key.created'].sort(),
      )
      expect((await (await world.key('auditor')).get('/events')).status).toBe(403)
    })

    rule(
      '[EVENT-9] a booking that is moved away is told to both practitioners and both CPTS',
      async (world) => {
        const { gps, readers, play } = await player(world)
        await play('publish', 0, 0)
        await play('book', 0, 0)
        await play('publish', 1, 0)
        await play('move', 0, 0)
        const moved = (await journal(world)).at(-1)!
        expect(moved).toMatchObject({ type: 'booking.moved', practitionerId: gps[1]!.id })
        const told = async (caller: Caller) => (await seenBy(caller)).some(({ seq }) => seq === moved.seq)
        const [, , , , , ofOwn, ofStranger] = readers()
        for (const caller of [gps[0]!.caller, gps[1]!.caller, ofOwn!.caller, ofStranger!.caller])
          expect(await told(caller)).toBe(true)
        expect(await told(gps[2]!.caller)).toBe(false)
      },
    )

    rule('[EVENT-9] a batch for several practitioners tells each of their own slots alone', async (world) => {
      const { gps, play } = await player(world)
      await play('batch', 0, 1)
      const [own, other] = (await journal(world)).slice(-2)
      expect([own, other]).toMatchObject([
        { type: 'slots.published', practitionerId: gps[0]!.id, data: { slotIds: { length: 2 } } },
        { type: 'slots.published', practitionerId: gps[1]!.id, data: { slotIds: { length: 1 } } },
      ])
      expect((await seenBy(gps[0]!.caller)).at(-1)).toMatchObject({ seq: own!.seq })
      expect((await seenBy(gps[1]!.caller)).at(-1)).toMatchObject({ seq: other!.seq })
    })

    rule(
      '[EVENT-9] in any territory, what a reader is told is what the rule says, page by page',
      async (world) => {
        const { readers, play } = await player(world)
        // By regulation, then by a GP for a patient of their own: each kind of event once, whatever chance adds.
        for (const booker of [0, 1]) {
          await play('publish', 0, 0)
          await play('hold', 0, booker)
          await play('expire', 0, 0)
          await play('book', 0, booker)
          await play('publish', 1, 0)
          await play('move', 0, 0)
          await play('cancel', 0, 0)
          await play('erase', 0, 0)
          await play('en_sus', 2, booker)
          await play('key', 0, 0)
          await play('plan', 0, 0)
          // A garde that is planned unseen, published, put into other hands, offered to all and taken by one.
          await play('sector', booker, 0)
          await play('away', booker, 0)
          await play('rota', 0, 0)
          await play('place', 0, 0)
          await play('publish_rota', 0, 0)
          await play('place', 2, 0)
          await play('swap', 0, 1)
          await play('answer', 1, 0)
          await play('swap', 0, 0)
          await play('answer', booker, 1)
          // To a GP of the CPTS, and to one who is of another.
          await play('propose', 0, booker)
        }
        const acts = fc.array(fc.tuple(fc.constantFrom(...ACTS), fc.nat(11), fc.nat(11)), {
          minLength: 35,
          maxLength: 35,
        })
        // How often somebody was told of something, and how often that was kept from somebody.
        const [told, kept] = [new Set<string>(), new Set<string>()]
        await fc.assert(
          fc.asyncProperty(acts, fc.integer({ min: 15, max: 80 }), async (script, limit) => {
            for (const [act, one, two] of script) await play(act, one, two)
            const whole = await journal(world)
            for (const { caller, reader } of readers()) {
              const expected = toldOf(reader, whole)
              expect(await seenBy(caller, limit)).toEqual(expected)
              const seqs = new Set(expected.map(({ seq }) => seq))
              for (const { seq, type } of whole) (seqs.has(seq) ? told : kept).add(`${reader.role} ${type}`)
            }
          }),
          { seed: 9, numRuns: 5, endOnFailure: true },
        )
        // The script reached what the rule is about.
        for (const one of [
          'practitioner booking.moved',
          'practitioner en_sus.requested',
          'practitioner en_sus.wave_started',
          'practitioner sector.updated',
          'practitioner absence.added',
          'practitioner rota.transitioned',
          'practitioner rota.changed',
          'practitioner swap.asked',
          'practitioner swap.done',
          'coordinator absence.added',
          'coordinator rota.created',
          'coordinator rota.changed',
          'coordinator swap.asked',
          'coordinator booking.created',
          'coordinator coverage_plan.set',
          'coordinator mt_request.created',
          'coordinator proposal.sent',
          'coordinator proposal.refused',
          'practitioner proposal.sent',
          'practitioner proposal.refused',
          'regulator booking.created',
          'regulator booking.cancelled',
          'regulator hold.created',
          'regulator hold.expired',
          'regulator identity.erased',
        ]) {
          expect(told).toContain(one)
          expect(kept).toContain(one)
        }
        for (const one of [
          'regulator key.created',
          'coordinator key.created',
          'practitioner key.created',
          'practitioner rota.created',
          'regulator rota.changed',
          'regulator proposal.sent',
          'coordinator key.created',
          'practitioner key.created',
          'practitioner mt_request.created',
        ]) {
          expect(told).not.toContain(one)
          expect(kept).toContain(one)
        }
      },
    )

    rule(
      '[EVENT-9] the check of the rule tells a stranger’s feed, and one with an event too many, from one’s own',
      async (world) => {
        const { gps, readers, play } = await player(world)
        await play('publish', 0, 0)
        await play('publish', 1, 0)
        const whole = await journal(world)
        const seen = await seenBy(gps[0]!.caller)
        const rule = (id: string) =>
          toldOf(readers().find(({ reader }) => 'id' in reader && reader.id === id)!.reader, whole)
        expect(seen).toEqual(rule(gps[0]!.id))
        expect(seen).not.toEqual(rule(gps[1]!.id))
        await world.act((ctx) =>
          append(ctx, { type: 'slot.withdrawn', subject: 'x', practitionerId: gps[0]!.id }),
        )
        expect(await seenBy(gps[0]!.caller)).not.toEqual(rule(gps[0]!.id))
      },
    )

    rule('[EVENT-10] who is asked by a request of the SAS is told so, and of nobody else', async (world) => {
      const { gps, regulator } = await player(world)
      for (const gp of gps) await world.admin.patch(`/practitioners/${gp.id}`, { acceptsOverbooking: true })
      const { motive } = bookingBody('')
      const made = await regulator.post('/en-sus', {
        commune: '92050',
        modality: 'AMB',
        motive,
        requestedDelay: '24h',
        regulationRef: 'DRM-2',
      })
      expect(made.status).toBe(201)
      const askedOf = async (caller: Caller) =>
        (await seenBy(caller)).find(({ type }) => type === 'en_sus.requested')?.data.practitionerIds
      const asked = (await askedOf(regulator)) as string[]
      expect(asked.length).toBeGreaterThan(1)
      for (const { id, caller } of gps)
        expect(await askedOf(caller)).toEqual(asked.includes(id) ? [id] : undefined)
    })

    rule('[EVENT-10] who is asked en sus is not told who else is', async (world) => {
      const { gps, regulator, readers } = await player(world)
      await askEnSus(world, [gps[0]!.id, gps[1]!.id, gps[2]!.id])
      const asked = async (caller: Caller) =>
        (await seenBy(caller))
          .filter(({ type }) => type.startsWith('en_sus.'))
          .map(({ type, data }) => [type, data.practitionerIds])
      expect(await asked(gps[0]!.caller)).toEqual([
        ['en_sus.requested', [gps[0]!.id]],
        ['en_sus.accepted', undefined],
      ])
      expect(await asked(gps[1]!.caller)).toEqual([['en_sus.wave_started', [gps[1]!.id]]])
      expect(await asked(gps[2]!.caller)).toEqual([['en_sus.wave_started', [gps[2]!.id]]])
      expect(await asked(regulator)).toEqual([
        ['en_sus.requested', [gps[0]!.id]],
        ['en_sus.wave_started', [gps[1]!.id, gps[2]!.id]],
        ['en_sus.accepted', undefined],
        ['en_sus.closed', undefined],
      ])
      for (const { caller, reader } of readers())
        if (reader.role === 'practitioner') {
          const told = (await seenBy(caller)).filter(({ type }) => type.startsWith('en_sus.'))
          const text = JSON.stringify(told)
          for (const gp of gps) expect(text.includes(gp.id)).toBe(gp.id === reader.id)
        }
    })

    rule(
      '[EVENT-20] a garde is told of to who manages its sector, its list and both sides, no sooner than it is shown',
      async (world) => {
        const { gps, sectors, readers, play } = await player(world)
        const [, , , , , ofOwn, ofStranger] = readers()
        const before = (await journal(world)).length
        const since = async (caller: Caller | undefined) =>
          (await seenBy(caller!)).filter(({ seq }) => seq > before)
        // On the list are a GP of the CPTS and one of another; the third, of the CPTS too, is not.
        const [own, stranger, third] = gps.map(({ caller }) => caller)
        await play('rota', 0, 0)
        await play('place', 0, 0)
        for (const caller of [own, stranger, third, ofStranger!.caller])
          expect(await since(caller)).toEqual([])
        expect(typesOf(await since(ofOwn!.caller))).toEqual(['rota.changed', 'rota.created'])
        await play('publish_rota', 0, 0)
        await play('place', 2, 0)
        for (const caller of [own, stranger])
          expect(typesOf(await since(caller))).toEqual(['rota.changed', 'rota.transitioned'])
        // Off the list, but put in the place; which rules were set aside for that is not for the list.
        expect((await since(third)).map(({ type, data }) => [type, data.fromPractitionerId])).toEqual([
          ['rota.changed', gps[0]!.id],
        ])
        const overridden = async (caller: Caller | undefined) =>
          (await since(caller)).filter(({ data }) => 'overridden' in data).length
        expect([await overridden(own), await overridden(ofOwn!.caller)]).toEqual([0, 2])
        // Between two of them, then offered to all.
        await play('swap', 0, 1)
        const swaps = async (caller: Caller | undefined) =>
          (await since(caller)).filter(({ type }) => type.startsWith('swap.')).length
        const counts = () => Promise.all([own, stranger, third, ofOwn!.caller, ofStranger!.caller].map(swaps))
        expect(await counts()).toEqual([0, 1, 1, 1, 0])
        await play('swap', 0, 0)
        expect(await counts()).toEqual([1, 2, 2, 2, 0])
        // Who has left the list is told no more of it, but still of what was their own.
        await world.admin.put(`/sectors/${sectors[0]}/members`, [])
        expect(typesOf(await since(own))).toEqual(['rota.changed'])
        expect(await counts()).toEqual([0, 1, 2, 2, 0])
      },
    )

    rule(
      '[EVENT-11] a long journal is judged in stretches: pages may be empty, and only the end has no next',
      async (world) => {
        const { gps, regulator, readers, play } = await player(world)
        const coordinator = readers()[5]!.caller
        await play('publish', 0, 0)
        for (const count of [4_600, 800, 11_000]) {
          await world.act((ctx) => {
            for (let i = 0; i < count; i++)
              append(ctx, { type: 'communes.loaded', subject: '92', data: { count: i } })
          })
          await play('publish', 0, 0)
        }
        let last: number = (await world.admin.get('/audit?after=16400&limit=200')).body.items.at(-1).seq
        let published = 4
        for (const caller of [coordinator, regulator]) {
          const sizes: number[] = []
          const seen: Entry[] = []
          let after: string | null = '0'
          while (after !== null) {
            const { body }: Answered = await caller.get(`/events?limit=3&after=${after}`)
            sizes.push(body.items.length)
            seen.push(...body.items)
            after = body.next
          }
          expect(sizes).toContain(0)
          expect(sizes.length).toBeLessThan(12)
          expect(seen.at(-1)).toMatchObject({ seq: last, type: 'slot.published' })
          expect(seen.filter(({ type }) => type === 'slot.published')).toHaveLength(published++)
          expect(seen.map(({ seq }) => seq)).toEqual(seen.map(({ seq }) => seq).sort((x, y) => x - y))
          // A stream crosses the same stretches, and waits at the end.
          const stream = await follow(world, caller, { after: 0 })
          expect((await stream.take(seen.length)).map(({ data }) => data)).toEqual(seen)
          const next = stream.message()
          await play('publish', 0, 0)
          expect((await next)?.data.seq).toBe(++last)
          await stream.leave()
        }
        // A practitioner's events are found wherever they are.
        const { body } = await gps[0]!.caller.get('/events?limit=200')
        expect(body.next).toBeNull()
        expect(body.items.at(-1).seq).toBe(last)
        // Beyond the end there is nothing, for anybody.
        for (const { caller } of readers())
          expect((await caller.get(`/events?after=${last}`)).body).toEqual({ items: [], next: null })
        expect((await regulator.get('/events?after=999999999999999')).body).toEqual({ items: [], next: null })
      },
    )
  })
}
