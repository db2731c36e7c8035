import { createKey, type NewKey } from '../src/access/actions.ts'
import type { Ctx, Sync } from '../src/db/db.ts'
import { ctxOf, type Territory } from '../src/db/territory.ts'
import type { Actor, KeyRing, Sources, TerritoryInfo } from '../src/kernel/ctx.ts'
import { orAbsent } from '../src/kernel/refusal.ts'
import type { Instant } from '../src/kernel/time.ts'
import { createCommunity, createPractitioner, loadCommunes } from '../src/members/actions.ts'
import { publishSlots } from '../src/slots/actions.ts'
import { createSeries } from '../src/slots/series/actions.ts'
import { seriesStart, singleSlots } from './agenda.ts'
import { seedAttachment } from './attachment.ts'
import { seedBookings, type SeededGp } from './bookings.ts'
import { DEMO_COMMUNES, DEMO_COMMUNITIES } from './communes.ts'
import { demoRoster, type DemoGp, type DemoSeries } from './roster.ts'
import { seedRota, seedSector } from './sector.ts'

/** The secrets of the demo's keys; those of coordinators and practitioners by the id that they are for. */
export interface DemoKeys {
  readonly admin: string
  readonly auditor: string
  readonly regulator: string
  readonly coordinator: Record<string, string>
  readonly practitioner: Record<string, string>
}

export const DEMO_TERRITORY: TerritoryInfo = {
  code: '92',
  name: 'Hauts-de-Seine',
  zone: 'Europe/Paris',
  rate: { perSecond: 50, burst: 200 },
}

const SEED_ACTOR: Actor = { kind: 'system', name: 'seed' }

/** GPs seeded in one commit. */
const CHUNK = 25

const keyOf = (ctx: Ctx, input: NewKey): string => createKey(ctx, input).key

const seedFrame = (ctx: Ctx) => {
  loadCommunes(ctx, DEMO_COMMUNES)
  const communityIds = DEMO_COMMUNITIES.map((community) => createCommunity(ctx, community).id)
  const coordinator = communityIds.map((id, index) => [
    id,
    keyOf(ctx, {
      role: 'coordinator',
      label: `Coordination ${DEMO_COMMUNITIES[index]?.name ?? ''}`,
      communityIds: [id],
    }),
  ])
  return {
    communityIds,
    keys: {
      admin: keyOf(ctx, { role: 'admin', label: 'Administration du SAS de démonstration' }),
      auditor: keyOf(ctx, { role: 'auditor', label: 'Suivi des indicateurs' }),
      regulator: keyOf(ctx, { role: 'regulator', label: 'Régulation du SAS de démonstration' }),
      coordinator: Object.fromEntries(coordinator) as Record<string, string>,
    },
  }
}

const publishSeries = (ctx: Ctx, practitionerId: string, siteId: string, one: DemoSeries, now: Instant) => {
  const { offer, days, slotMinutes, slots, onHolidays = false } = one
  createSeries(ctx, {
    ...offer,
    practitionerId,
    siteId,
    rrule: days.length === 7 ? 'FREQ=DAILY' : `FREQ=WEEKLY;BYDAY=${days.join(',')}`,
    localStart: seriesStart(one, ctx.territory, now),
    durationMinutes: slotMinutes * slots,
    slotMinutes,
    skipHolidays: !onHolidays,
  })
}

const seedGp = (ctx: Ctx, gp: DemoGp, communityIds: readonly string[], now: Instant): SeededGp => {
  const { input, community, series } = gp
  const { id, sites } = createPractitioner(ctx, {
    ...input,
    communityIds: community === null ? [] : communityIds.slice(community, community + 1),
  })
  // Sites come back in the order of their ids, which is chance within a millisecond; their phones tell them apart.
  const siteAt = (index: number): string =>
    orAbsent(
      sites.find((site) => site.phone === input.sites[index]?.phone),
      'Cabinet',
    ).id
  for (const one of series) publishSeries(ctx, id, siteAt(one.site), one, now)
  const singles = singleSlots(gp, ctx.territory, now)
  if (singles.length > 0)
    publishSlots(
      ctx,
      singles.map((slot) => ({ ...slot, practitionerId: id, siteId: siteAt(0) })),
    )
  const label = `Dr ${input.given} ${input.family}`
  return { id, community, sites, key: keyOf(ctx, { role: 'practitioner', label, practitionerId: id }) }
}

/**
 * Fills an empty territory with the demo: the communes of the Hauts-de-Seine, six CPTS, invented GPs and patients.
 * All of it goes through the actions. The content is the same each time and lies around the clock's now; ids and
 * secrets come from the world. Returns the keys, which are not stored.
 */
export const seedDemo = async (
  territory: Territory,
  world: { readonly sources: Sources; readonly keyRing: KeyRing },
): Promise<DemoKeys> => {
  const now = world.sources.clock()
  const commit = <T>(fn: (ctx: Ctx) => Sync<T>): Promise<T> =>
    territory.commit<T>(({ db }) => fn(ctxOf(world, territory.info, SEED_ACTOR, db)))

  const { communityIds, keys } = await commit(seedFrame)
  const roster = demoRoster()
  const gps: SeededGp[] = []
  for (let i = 0; i < roster.length; i += CHUNK) {
    const chunk = roster.slice(i, i + CHUNK)
    gps.push(...(await commit((ctx) => chunk.map((gp) => seedGp(ctx, gp, communityIds, now)))))
  }
  await commit((ctx) => {
    seedBookings(ctx, gps, keys.regulator)
  })
  const { sectorId } = await commit((ctx) => seedSector(ctx, communityIds, gps))
  await seedRota(commit, sectorId)
  await seedAttachment(territory, world, communityIds, gps, keys.coordinator)
  return { ...keys, practitioner: Object.fromEntries(gps.map((gp) => [gp.id, gp.key])) }
}
