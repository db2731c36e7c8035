// How long the writer is held by the publication of a rota whose shifts are bookable, by the number of slots that it
// makes. `npx tsx bench/publication.ts`. Times are this machine's; in memory, so that no disk is in them.
import { createRota, listShifts, moveRota, setTitulaire } from '../src/gardes/rotas/actions.ts'
import { transitionRota } from '../src/gardes/rotas/life/actions.ts'
import { setShiftTypes } from '../src/gardes/sectors/shift-types/actions.ts'
import { addDays, getLocalDate } from '../src/kernel/civil.ts'
import { makeCommunity, makeGp } from '../test/support/members.ts'
import { nodeGround } from '../test/support/node-ground.ts'
import { sectorIn, typeBody } from '../test/support/sectors.ts'
import { makeWorld } from '../test/support/world.ts'

const PEOPLE = 24

const measure = async (days: number): Promise<void> => {
  const ground = nodeGround()
  const world = await makeWorld(ground)
  const communityId = await makeCommunity(world, '92050')
  const gps: { id: string }[] = []
  for (let i = 0; i < PEOPLE; i++) gps.push(await makeGp(world, communityId))
  const rotaId = await world.act((ctx) => {
    const sectorId = sectorIn(ctx, [communityId], gps, {
      siteName: 'MMG',
      address: '40 rue de l’Exemple',
      postalCode: '92150',
      city: 'Suresnes',
      insee: '92073',
      lat: 48.87,
      lon: 2.221,
      phone: '+33199000040',
    })
    const template = { slotMinutes: 24, capacity: 1, audiences: ['SNP'] }
    const types = [typeBody({ slotTemplate: template })] as never as Parameters<typeof setShiftTypes>[2]
    setShiftTypes(ctx, sectorId, types, undefined)
    const from = getLocalDate('2027-01-01')
    const rota = createRota(ctx, { sectorId, from, to: addDays(from, days - 1), exceptional: true })
    for (const [index, shift] of listShifts(ctx, rota.id, undefined, 2_000).shifts.entries())
      setTitulaire(ctx, { shiftId: shift.id, place: 1, from: null, to: gps[index % PEOPLE]?.id ?? null })
    moveRota(ctx, rota, 'sent_to_cdom')
    return rota.id
  })
  const started = performance.now()
  await world.act((ctx) => transitionRota(ctx, rotaId, 'published', undefined))
  const held = performance.now() - started
  process.stdout.write(`${days} nights, ${days * 10} slots: ${(held / 1000).toFixed(2)} s\n`)
  await ground.close()
}

for (const days of [92, 183, 365]) await measure(days)
