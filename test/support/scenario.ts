import { createKey } from '../../src/access/actions.ts'
import type { Caller, World } from './world.ts'
import { COMMUNES } from './world.ts'
import { bookingBody, rppsOf } from './members.ts'

/** What a scenario's world must be made with, so that every id and instant is the same wherever it runs. */
export const SCENARIO_WORLD = { now: '2026-11-23T08:00:00+01:00', seed: 2026 } as const

const DAYS = ['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27']

/**
 * Some 200 requests that touch every operation, right and wrong, as one text: each request, then its status, all of
 * its headers and its body, byte for byte.
 */
export const recordScenario = async (world: World): Promise<{ text: string; count: number }> => {
  const lines: string[] = []
  let count = 0
  const caller = async (role: Parameters<World['key']>[0], scope = {}): Promise<Caller> =>
    world.as((await world.act((ctx) => createKey(ctx, { role, label: role, ...scope }))).key)

  const ask = async (
    who: Caller,
    method: 'get' | 'post' | 'put' | 'patch' | 'delete',
    path: string,
    body?: unknown,
    options: Record<string, unknown> = {},
  ) => {
    count++
    const given = { idempotencyKey: `scenario-${count}`, ...options }
    const answer =
      method === 'get' || method === 'delete'
        ? await who[method](path, given)
        : await who[method](path, body ?? {}, given)
    const headers = [...answer.headers.entries()].map(([name, value]) => `${name}: ${value}`).sort()
    lines.push(`${count} ${method.toUpperCase()} ${path}`, String(answer.status), ...headers, answer.text, '')
    return answer
  }

  const admin = world.admin
  const site = (insee: string, wheelchair = false) => {
    const commune = COMMUNES.find((one) => one.insee === insee)!
    const { lat, lon, postalCode, name } = commune
    return {
      name: 'Cabinet',
      line: '1 rue de l’Exemple',
      postalCode,
      city: name,
      insee,
      lat,
      lon,
      phone: '01 99 00 00 01',
      wheelchair,
    }
  }

  // Members
  await ask(admin, 'get', '/communes')
  await ask(admin, 'put', '/communes', { items: COMMUNES })
  const communities: string[] = []
  for (const [name, insee] of [
    ['Nanterre', '92050'],
    ['Rueil', '92063'],
    ['Hauts-de-Bièvre', '92002'],
  ] as const) {
    const made = await ask(admin, 'post', '/communities', {
      name: `CPTS ${name}`,
      communes: [insee],
      phone: '+33199000010',
    })
    communities.push(made.body.id)
  }
  await ask(admin, 'post', '/communities', { name: 'Doublon', communes: ['92050'] })
  await ask(admin, 'post', '/communities', { name: 'Ailleurs', communes: ['75056'] })
  await ask(
    admin,
    'patch',
    `/communities/${communities[0]}`,
    { population: 96_807 },
    { headers: { 'if-match': '"1"' } },
  )
  await ask(
    admin,
    'patch',
    `/communities/${communities[0]}`,
    { population: 1 },
    { headers: { 'if-match': '"1"' } },
  )
  const gps: { id: string; siteId: string; caller: Caller }[] = []
  for (let i = 0; i < 6; i++) {
    const insee = ['92050', '92063', '92002'][i % 3]!
    const made = await ask(admin, 'post', '/practitioners', {
      rpps: rppsOf(500 + i),
      family: `Fictif${i}`,
      given: 'Camille',
      profession: 'GP',
      communityIds: [communities[i % 3]],
      specialties: ['médecine générale'],
      weeklyTargetMinutes: 60 + 30 * i,
      sites: [site(insee, i % 2 === 0)],
    })
    const id: string = made.body.id
    gps.push({
      id,
      siteId: made.body.sites[0].id,
      caller: await caller('practitioner', { practitionerId: id }),
    })
  }
  const gp = gps[0]!
  await ask(admin, 'post', '/practitioners', {
    rpps: '10000000000',
    family: 'A',
    given: 'B',
    profession: 'GP',
    communityIds: [],
    sites: [site('92050')],
  })
  await ask(admin, 'post', '/practitioners', {
    rpps: rppsOf(500),
    family: 'A',
    given: 'B',
    profession: 'GP',
    communityIds: [],
    sites: [site('92050')],
  })
  await ask(gp.caller, 'post', `/practitioners/${gp.id}/sites`, site('92063'))
  await ask(gp.caller, 'patch', `/practitioners/${gp.id}`, { weeklyTargetMinutes: 150 })
  const regulator = await caller('regulator')
  const coordinator = await caller('coordinator', { communityIds: [communities[0]] })
  const auditor = await caller('auditor')
  const everybody = [admin, coordinator, gp.caller, regulator, auditor]
  for (const who of everybody) {
    for (const path of [
      '/communes?limit=2',
      '/communities',
      `/communities/${communities[1]}`,
      '/practitioners?limit=3',
      `/practitioners/${gp.id}`,
    ])
      await ask(who, 'get', path)
  }

  // Keys
  const made = await ask(admin, 'post', '/keys', { role: 'regulator', label: 'régulation' })
  await ask(admin, 'post', '/keys', { role: 'coordinator', label: 'sans CPTS' })
  await ask(admin, 'get', '/keys?limit=4')
  await ask(admin, 'post', `/keys/${made.body.id}/rotate`, { overlapHours: 1 })
  await ask(admin, 'delete', `/keys/${made.body.id}`)
  await ask(admin, 'post', `/keys/${made.body.id}/rotate`, {})

  // Slots and series
  const slots: string[] = []
  for (const [i, one] of gps.entries()) {
    for (const day of DAYS) {
      const answer = await ask(one.caller, 'post', '/slots', {
        practitionerId: one.id,
        siteId: one.siteId,
        start: `${day}T1${i}:00:00+01:00`,
        end: `${day}T1${i}:20+01:00`,
        capacity: 1 + (i % 2),
        audiences: i === 5 ? ['PRO', 'CPTS'] : ['SNP'],
        ...(i === 4 ? { modalities: ['HH'], maxAge: 90, minAge: 6 } : {}),
      })
      slots.push(answer.body.id)
    }
  }
  const slotBody = {
    practitionerId: gp.id,
    siteId: gp.siteId,
    start: '2026-11-23T10:10:00+01:00',
    end: '2026-11-23T10:30:00+01:00',
  }
  await ask(gp.caller, 'post', '/slots', slotBody)
  await ask(gp.caller, 'post', '/slots', { ...slotBody, start: '2026-11-23T07:00:00+01:00' })
  await ask(gp.caller, 'post', '/slots', { ...slotBody, start: '2026-11-23 11:00' })
  await ask(gp.caller, 'post', '/slots', { ...slotBody, unknown: true })
  await ask(gps[1]!.caller, 'post', '/slots', slotBody)
  await ask(coordinator, 'post', '/slots/batch', {
    slots: ['14', '15', '15'].map((hour) => ({
      ...slotBody,
      start: `2026-11-23T${hour}:00:00+01:00`,
      end: `2026-11-23T${hour}:30:00+01:00`,
    })),
  })
  await ask(coordinator, 'post', '/slots/batch', {
    slots: ['14', '15'].map((hour) => ({
      ...slotBody,
      start: `2026-11-23T${hour}:00:00+01:00`,
      end: `2026-11-23T${hour}:30:00+01:00`,
    })),
  })
  const series = {
    practitionerId: gp.id,
    siteId: gp.siteId,
    rrule: 'FREQ=WEEKLY;BYDAY=MO,TH',
    localStart: '2026-11-23T18:00',
    durationMinutes: 60,
    slotMinutes: 15,
  }
  await ask(gp.caller, 'post', '/series/preview', {
    ...series,
    rrule: 'FREQ=DAILY',
    localStart: '2027-03-20T02:30',
    durationMinutes: 30,
  })
  const ended = await ask(gp.caller, 'post', '/series', series)
  await ask(gp.caller, 'post', '/series', { ...series, rrule: 'FREQ=SECONDLY' })
  await ask(gp.caller, 'post', '/series', { ...series, rrule: 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30' })
  await ask(gp.caller, 'get', '/series')
  await ask(gps[1]!.caller, 'get', `/series/${ended.body.id}`)

  // Search and book
  for (const query of [
    'commune=92050',
    'commune=92050&sort=nearest&radiusKm=30',
    'lat=48.88&lon=2.2&sort=balanced',
    'commune=92050&wheelchair=true&limit=3',
    'commune=92002&modality=HH&age=40',
    'commune=99999',
    'commune=92050&lat=1',
    `commune=92050&community=${communities[1]}`,
    'commune=92050&to=2026-12-23T00:00:00Z',
  ])
    for (const who of [regulator, gp.caller]) await ask(who, 'get', `/availability?${query}`)
  const booked: string[] = []
  for (const id of slots.slice(0, 12)) {
    const answer = await ask(regulator, 'post', '/bookings', bookingBody(id))
    if (answer.status === 201) booked.push(answer.body.id)
  }
  await ask(regulator, 'post', '/bookings', bookingBody(slots[0]!))
  await ask(regulator, 'post', '/bookings', bookingBody(slots[1]!), { idempotencyKey: 'scenario-replayed' })
  await ask(regulator, 'post', '/bookings', bookingBody(slots[1]!), { idempotencyKey: 'scenario-replayed' })
  await ask(regulator, 'post', '/bookings', bookingBody(slots[2]!), { idempotencyKey: 'scenario-replayed' })
  await ask(regulator, 'post', '/bookings', bookingBody(slots[0]!), { idempotencyKey: null })
  await ask(
    regulator,
    'post',
    '/bookings',
    bookingBody(slots[0]!, { holdId: 'hold_01kakq0t5ae3vshb4ka6e0x0m1' }),
  )
  await ask(regulator, 'post', '/bookings', bookingBody(slots[20]!))
  await ask(gp.caller, 'post', '/bookings', bookingBody(slots[25]!))
  for (const who of everybody) {
    await ask(who, 'get', '/bookings?limit=3')
    await ask(who, 'get', `/bookings/${booked[0]}`)
    await ask(who, 'get', `/slots?practitioner=${gp.id}&limit=4`)
    await ask(who, 'get', `/slots/${slots[3]}`)
  }
  await ask(gp.caller, 'post', `/slots/${slots[1]}/withdraw`, { reason: 'absence' })
  await ask(gp.caller, 'post', `/slots/${slots[1]}/withdraw`)
  await ask(regulator, 'post', '/bookings', bookingBody(slots[1]!))
  await ask(regulator, 'post', `/bookings/${booked[0]}/cancel`, { reason: 'patient', note: 'a rappelé' })
  await ask(regulator, 'post', `/bookings/${booked[0]}/cancel`, { reason: 'patient' })
  await ask(coordinator, 'post', `/bookings/${booked[1]}/cancel`, { reason: 'practitioner' })
  await ask(gp.caller, 'post', `/series/${ended.body.id}/end`, { from: '2026-12-07' })
  world.clock.advance(3 * 60 * 60 * 1000)
  await world.tick()
  await ask(regulator, 'post', '/bookings', bookingBody(slots[0]!))
  await ask(regulator, 'get', '/availability?commune=92050&limit=5')
  await ask(regulator, 'delete', `/slots/${slots[0]}`)
  await ask(regulator, 'get', '/nothing')
  await ask(world.as('udj_92_wrong'), 'get', '/slots')
  let after = ''
  for (let i = 0; i < 60; i++) {
    const page = await ask(admin, 'get', `/audit?limit=2${after}`)
    if (page.body.next === null) break
    after = `&after=${page.body.next}`
  }
  await ask(admin, 'get', '/events?limit=5')
  await ask(admin, 'get', '/audit/verify')
  return { text: lines.join('\n'), count }
}
