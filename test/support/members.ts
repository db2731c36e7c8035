import { createPractitioner, createCommunity } from '../../src/members/actions.ts'
import type { Caller, World } from './world.ts'
import { COMMUNES } from './world.ts'

/** A valid RPPS: ten digits made from a number, and their Luhn key. */
export const rppsOf = (number: number): string => {
  const digits = `1${String(number).padStart(9, '0')}`
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}

export interface Member {
  readonly id: string
  readonly siteId: string
  readonly communityId: string
  readonly caller: Caller
}

let made = 0

/** A CPTS that holds one of the test communes. */
export const makeCommunity = (world: World, insee: string): Promise<string> =>
  world.act((ctx) => createCommunity(ctx, { name: `CPTS ${insee}`, communes: [insee] }).id)

/** A GP of a CPTS with one site at the centre of a commune, and their key. */
export const makeGp = async (
  world: World,
  communityId: string,
  insee = '92050',
  more: { wheelchair?: boolean; weeklyTargetMinutes?: number; acceptsOverbooking?: boolean } = {},
): Promise<Member> => {
  const commune = COMMUNES.find((one) => one.insee === insee)
  if (!commune) throw new Error(`no test commune ${insee}`)
  const number = ++made
  const practitioner = await world.act((ctx) =>
    createPractitioner(ctx, {
      rpps: rppsOf(number),
      family: `Fictif${number}`,
      given: 'Camille',
      profession: 'GP',
      communityIds: [communityId],
      weeklyTargetMinutes: more.weeklyTargetMinutes,
      acceptsOverbooking: more.acceptsOverbooking,
      sites: [
        {
          name: 'Cabinet',
          line: '1 rue de l’Exemple',
          postalCode: commune.postalCode,
          city: commune.name,
          insee,
          lat: commune.lat,
          lon: commune.lon,
          phone: '+33199000001',
          wheelchair: more.wheelchair,
        },
      ],
    }),
  )
  const caller = await world.key('practitioner', { practitionerId: practitioner.id })
  const [site] = practitioner.sites
  if (!site) throw new Error('a GP has a site')
  return { id: practitioner.id, siteId: site.id, communityId, caller }
}

export const slotBody = (gp: Member, start: string, end: string, more: Record<string, unknown> = {}) => ({
  practitionerId: gp.id,
  siteId: gp.siteId,
  start,
  end,
  ...more,
})

export const bookingBody = (slotId: string, more: Record<string, unknown> = {}) => ({
  slotId,
  patient: { family: 'Fictive', given: 'Alix', birthDate: '1980-02-29', phone: '+33639980001' },
  motive: { code: 'fever', text: 'depuis hier' },
  regulationRef: 'DRM-0001',
  requestedDelay: 'same_day',
  operator: { id: 'op-1', name: 'Opérateur Un' },
  ...more,
})
