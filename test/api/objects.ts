import { addDays, formatInstant, getLocalDate } from '../../src/kernel/civil.ts'
import type { Role } from '../../src/kernel/ctx.ts'
import { MINUTE, plus } from '../../src/kernel/time.ts'
import { OF_CLASS, intakeBody, makeRequest } from '../support/allocations.ts'
import { bookingBody, makeCommunity, makeGp, rppsOf, slotBody, type Member } from '../support/members.ts'
import { CENSUS, person, requestBody, rulesBody } from '../support/attachment.ts'
import { propose } from '../support/proposals.ts'
import { makeSector, typeBody } from '../support/sectors.ts'
import { at, type Answered, type Caller, type World } from '../support/world.ts'

/** Two CPTS with a GP each, and a caller of every role: the first CPTS and GP are the callers' own. */
export interface Stage {
  readonly world: World
  readonly own: Member
  readonly other: Member
  readonly callers: Readonly<Record<Role, Caller>>
  /** A slot at an hour that no other of the stage has. */
  slot(gp: Member, more?: Record<string, unknown>): Promise<string>
  slotInput(gp: Member, more?: Record<string, unknown>): Record<string, unknown>
  series(gp: Member): Promise<string>
  /** A booking of a slot of this GP, made by the SAS or by the GP. */
  booking(gp: Member, by?: 'regulator' | 'practitioner'): Promise<string>
  /** A sector of this GP's CPTS, with these GPs on its list. */
  sector(gp: Member, members?: readonly Member[]): Promise<string>
}

const created = (answer: Answered): string => {
  if (answer.status !== 201) throw new Error(`not created: ${answer.text}`)
  return answer.body.id
}

export const makeStage = async (world: World): Promise<Stage> => {
  const own = await makeGp(world, await makeCommunity(world, '92050'))
  const other = await makeGp(world, await makeCommunity(world, '92063'), '92063')
  const callers = {
    admin: world.admin,
    coordinator: await world.key('coordinator', { communityIds: [own.communityId] }),
    practitioner: own.caller,
    regulator: await world.key('regulator'),
    auditor: await world.key('auditor'),
  }
  let hours = 0
  const slotInput: Stage['slotInput'] = (gp, more) => {
    const start = plus(at('2026-11-23T09:00:00+01:00'), 15 * MINUTE * hours++)
    const text = (instant: typeof start) => formatInstant(instant, 'Europe/Paris')
    return slotBody(gp, text(start), text(plus(start, 15 * MINUTE)), more)
  }
  const slot: Stage['slot'] = async (gp, more) => created(await gp.caller.post('/slots', slotInput(gp, more)))
  return {
    world,
    own,
    other,
    callers,
    slot,
    slotInput,
    series: async (gp) => created(await gp.caller.post('/series', seriesInput(gp))),
    sector: (gp, members = [gp]) => makeSector(world, [gp.communityId], members),
    booking: async (gp, by = 'regulator') => {
      const caller = by === 'regulator' ? callers.regulator : gp.caller
      return created(
        await caller.post('/bookings', bookingBody(await slot(gp, { audiences: ['PRO', 'SNP'] }))),
      )
    },
  }
}

const seriesInput = (gp: Member) => ({
  practitionerId: gp.id,
  siteId: gp.siteId,
  rrule: 'FREQ=WEEKLY;BYDAY=SA',
  localStart: '2026-11-28T06:00',
  durationMinutes: 30,
  slotMinutes: 15,
})

export interface Request {
  /** Below `/{territory}/v1`. */
  readonly path: string
  readonly body?: unknown
  /** Sent as CSV, in place of a body. */
  readonly csv?: string
}

/** A request about somebody else's object, and the same about one that does not exist. */
export interface Hidden {
  readonly foreign: Request
  readonly absent: Request
  /** The id that tells them apart. */
  readonly ids: readonly [foreign: string, absent: string]
}

/** A list that must not show somebody else's object, but shows the caller's. */
export interface Unlisted {
  readonly list: Request
  readonly shown: string
  readonly hidden: string
}

/** The role reaches every object of the territory. */
export const EVERYTHING = 'everything'

type Foreign = typeof EVERYTHING | ((stage: Stage) => Promise<readonly (Hidden | Unlisted)[]>)

export interface Objects {
  /** A request that this role may make. */
  readonly own: (stage: Stage, role: Role) => Request | Promise<Request>
  /** For each role that may call, what it must not reach. */
  readonly foreign: Partial<Record<Role, Foreign>>
  /** The request about an object that nobody has; for every operation that names one. */
  readonly absent?: Request
}

const ABSENT = {
  community: 'cpts_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  practitioner: 'prac_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  site: 'site_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  key: 'akey_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  slot: 'slot_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  series: 'seri_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  booking: 'book_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  hold: 'hold_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  webhook: 'hook_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  enSus: 'enus_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  feed: 'feed_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  sector: 'sect_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  restriction: 'rstr_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  wish: 'wish_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  absence: 'absn_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  rota: 'rota_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  shift: 'shft_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  swap: 'swap_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  allocation: 'allo_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  proposal: 'prop_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  mtRequest: 'mtrq_7zzzzzzzzzzzzzzzzzzzzzzzzz',
} as const

const hidden = (foreignId: string, absentId: string, request: (id: string) => Request): Hidden => ({
  foreign: request(foreignId),
  absent: request(absentId),
  ids: [foreignId, absentId],
})

const EVERY_ROLE: Objects['foreign'] = {
  admin: EVERYTHING,
  coordinator: EVERYTHING,
  practitioner: EVERYTHING,
  regulator: EVERYTHING,
  auditor: EVERYTHING,
}
const ADMIN_ONLY: Objects['foreign'] = { admin: EVERYTHING }

const read = (path: string): Objects => ({ own: () => ({ path }), foreign: EVERY_ROLE })

/** Operations by which something of another practitioner would be managed: hidden from coordinators and practitioners alike. */
const managed = (find: (stage: Stage) => Promise<readonly (Hidden | Unlisted)[]>): Objects['foreign'] => ({
  admin: EVERYTHING,
  coordinator: find,
  practitioner: find,
})

let numbers = 500_000

const practitionerInput = (communityIds: readonly string[]) => ({
  rpps: rppsOf(++numbers),
  family: 'Fictive',
  given: 'Dominique',
  profession: 'GP',
  communityIds,
  sites: [siteInput()],
})

const siteInput = () => ({
  name: 'Cabinet annexe',
  line: '2 rue de l’Exemple',
  postalCode: '92000',
  city: 'Nanterre',
  insee: '92050',
  lat: 48.89,
  lon: 2.2,
  phone: '+33199000002',
})

const keyId = async (stage: Stage): Promise<string> =>
  created(await stage.world.admin.post('/keys', { role: 'auditor', label: 'à renouveler' }))

/** A slot that only the other CPTS may see. */
const closedSlot = (stage: Stage) =>
  stage.slot(stage.other, { audiences: ['CPTS'], communityIds: [stage.other.communityId] })

const publishing = (path: string, wrap: (input: unknown) => unknown): Objects => ({
  own: (stage) => ({ path, body: wrap(stage.slotInput(stage.own)) }),
  foreign: managed(async (stage) => [
    hidden(stage.other.id, ABSENT.practitioner, (practitionerId) => ({
      path,
      body: wrap({ ...stage.slotInput(stage.other), practitionerId }),
    })),
    hidden(stage.other.siteId, ABSENT.site, (siteId) => ({
      path,
      body: wrap({ ...stage.slotInput(stage.own), siteId }),
    })),
  ]),
})

const repeating = (path: string): Objects => ({
  own: (stage) => ({ path, body: seriesInput(stage.own) }),
  foreign: managed(async (stage) => [
    hidden(stage.other.id, ABSENT.practitioner, (practitionerId) => ({
      path,
      body: { ...seriesInput(stage.other), practitionerId },
    })),
    hidden(stage.other.siteId, ABSENT.site, (siteId) => ({
      path,
      body: { ...seriesInput(stage.own), siteId },
    })),
  ]),
})

const editOfSite = async (stage: Stage) => {
  const id = await stage.series(stage.own)
  return (siteId: string): Request => ({
    path: `/series/${id}/edit`,
    body: { scope: 'all', change: { siteId }, dryRun: true },
  })
}

const oneBooking = (request: (id: string) => Request): Objects => {
  const notMine = async (stage: Stage) => [hidden(await stage.booking(stage.other), ABSENT.booking, request)]
  return {
    own: async (stage) => request(await stage.booking(stage.own)),
    foreign: {
      admin: EVERYTHING,
      coordinator: notMine,
      practitioner: notMine,
      regulator: async (stage) => [
        hidden(await stage.booking(stage.other, 'practitioner'), ABSENT.booking, request),
      ],
    },
    absent: request(ABSENT.booking),
  }
}

/** A hold is its key's alone: not even an admin reaches another's. */
const oneHold = (request: (id: string) => Request): Objects => {
  const holdOf = async (stage: Stage, caller: Caller) =>
    created(await caller.post(`/slots/${await stage.slot(stage.other, { audiences: ['PRO', 'SNP'] })}/holds`))
  const somebody = (stage: Stage) => stage.world.key('regulator')
  const notMine = async (stage: Stage) => [
    hidden(await holdOf(stage, await somebody(stage)), ABSENT.hold, request),
  ]
  return {
    own: async (stage, role) => {
      const mayHold = role === 'admin' || role === 'regulator' || role === 'practitioner'
      return request(await holdOf(stage, mayHold ? stage.callers[role] : await somebody(stage)))
    },
    foreign: { admin: notMine, practitioner: notMine, regulator: notMine },
    absent: request(ABSENT.hold),
  }
}

const enSusInput = {
  commune: '92050',
  modality: 'AMB',
  motive: { code: 'fever', text: 'depuis hier' },
  requestedDelay: '48h',
  regulationRef: 'DRM-0002',
}

/** A request that this GP alone is asked for, taken by them where that is wanted. */
export const enSusOf = async (stage: Stage, gp: Member, isTaken = false): Promise<string> => {
  for (const one of [stage.own, stage.other])
    await stage.world.admin.patch(`/practitioners/${one.id}`, { acceptsOverbooking: one === gp })
  const id = created(await stage.callers.regulator.post('/en-sus', enSusInput))
  if (isTaken) await gp.caller.post(`/en-sus/${id}/accept`)
  return id
}

/** The SAS has every request; a GP those that it is asked for. */
const oneEnSus = (request: (id: string) => Request, isTaken = false): Objects => ({
  own: async (stage) => request(await enSusOf(stage, stage.own, isTaken)),
  foreign: {
    admin: EVERYTHING,
    regulator: EVERYTHING,
    practitioner: async (stage) => [hidden(await enSusOf(stage, stage.other), ABSENT.enSus, request)],
  },
  absent: request(ABSENT.enSus),
})

const webhookInput = { url: 'https://agenda.example/urgences', types: ['*'] }

/** A webhook is its key's; an admin reaches all. Nobody's own for an auditor, who has none. */
export const webhookOf = async (caller: Caller): Promise<string> =>
  created(await caller.post('/webhooks', webhookInput))

const strangersWebhook = async (stage: Stage) => webhookOf(await stage.world.key('regulator'))

const hiddenWebhook =
  (request: (id: string) => Request) =>
  async (stage: Stage): Promise<readonly Hidden[]> => [
    hidden(await strangersWebhook(stage), ABSENT.webhook, request),
  ]

const oneWebhook = (request: (id: string) => Request): Objects => ({
  own: async (stage, role) =>
    request(role === 'auditor' ? ABSENT.webhook : await webhookOf(stage.callers[role])),
  foreign: {
    admin: EVERYTHING,
    coordinator: hiddenWebhook(request),
    practitioner: hiddenWebhook(request),
    regulator: hiddenWebhook(request),
  },
  absent: request(ABSENT.webhook),
})

/** What a practitioner decides alone, or an admin for them. */
const ofPractitioner = (request: (id: string) => Request): Objects => ({
  own: (stage) => request(stage.own.id),
  foreign: {
    admin: EVERYTHING,
    practitioner: (stage) => Promise.resolve([hidden(stage.other.id, ABSENT.practitioner, request)]),
  },
  absent: request(ABSENT.practitioner),
})

/** A feed of this GP's slots: its id, and its address below the territory. */
export const feedOf = async (gp: Member): Promise<{ id: string; path: string }> => {
  const made = await gp.caller.post('/feeds', { kind: 'my-slots' })
  return { id: created(made), path: String(made.body.url).replace(/^\/92\/v1/, '') }
}

/** Sectors beside those of a role, as somebody who is neither their coordinator nor on their list sees them. */
const sectorFeed = (request: (sectorId: string) => Request) => async (stage: Stage) => [
  hidden(await stage.sector(stage.other), ABSENT.sector, request),
]

const sectorFeedInput = (sectorId: string): Request => ({
  path: '/feeds',
  body: { kind: 'sector', sectorId },
})

/** A feed of a sector that this caller makes. */
const sectorFeedOf = async (stage: Stage, caller: Caller): Promise<string> =>
  created(await caller.post('/feeds', { kind: 'sector', sectorId: await stage.sector(stage.own) }))

/** For a role that opens feeds of sectors: its own, and one that the admin opened. */
const listedSectorFeeds = (role: 'coordinator' | 'regulator') => async (stage: Stage) => [
  {
    list: { path: '/feeds' },
    shown: await sectorFeedOf(stage, stage.callers[role]),
    hidden: await sectorFeedOf(stage, stage.callers.admin),
  },
]

const hiddenSectorFeed = async (stage: Stage) => [
  hidden(await sectorFeedOf(stage, stage.callers.admin), ABSENT.feed, (id) => ({ path: `/feeds/${id}` })),
]

/** An agenda of one opening a week, every day at an hour that no slot of the stage has. */
export const CALENDAR = [
  'BEGIN:VCALENDAR',
  'BEGIN:VEVENT',
  'SUMMARY:SNP',
  'DTSTART;TZID=Europe/Paris:20261124T053000',
  'DURATION:PT30M',
  'RRULE:FREQ=WEEKLY',
  'END:VEVENT',
  'END:VCALENDAR',
].join('\r\n')

const importInput = (gp: Member) => ({ practitionerId: gp.id, siteId: gp.siteId, calendar: CALENDAR })

/** What a coordinator does with a CPTS of its own. */
const ofCommunity = (request: (id: string) => Request): Objects => ({
  own: (stage) => request(stage.own.communityId),
  foreign: {
    admin: EVERYTHING,
    coordinator: (stage) => Promise.resolve([hidden(stage.other.communityId, ABSENT.community, request)]),
  },
  absent: request(ABSENT.community),
})

/** What a coordinator does with a sector that a CPTS of its own shares. */
const ofSector = (request: (id: string) => Request): Objects => ({
  own: async (stage) => request(await stage.sector(stage.own)),
  foreign: {
    admin: EVERYTHING,
    coordinator: async (stage) => [hidden(await stage.sector(stage.other), ABSENT.sector, request)],
  },
  absent: request(ABSENT.sector),
})

/** What people say of their days in a sector: its restrictions, wishes and absences. */
interface Notes {
  readonly path: 'restrictions' | 'wishes' | 'absences'
  readonly absent: string
  readonly more: Record<string, unknown>
}

const RESTRICTIONS: Notes = {
  path: 'restrictions',
  absent: ABSENT.restriction,
  more: { source: 'self', class: 'other' },
}
const WISHES: Notes = { path: 'wishes', absent: ABSENT.wish, more: { want: 'avoid' } }
const ABSENCES: Notes = { path: 'absences', absent: ABSENT.absence, more: {} }

const noteBody = (practitionerId: string, { more }: Notes) => ({
  practitionerId,
  from: '2026-12-01',
  to: '2026-12-31',
  ...more,
})

/** A sector of the caller's CPTS that both GPs are on the list of, and a note of one of them. */
const noted = async (stage: Stage, notes: Notes, gp: Member) => {
  const sector = await stage.sector(stage.own, [stage.own, stage.other])
  const path = `/sectors/${sector}/${notes.path}`
  return { path, id: created(await gp.caller.post(path, noteBody(gp.id, notes))) }
}

const writeNotes = (notes: Notes): Objects => {
  const inSector = (practitionerId: string) => (id: string) => ({
    path: `/sectors/${id}/${notes.path}`,
    body: noteBody(practitionerId, notes),
  })
  return {
    own: async (stage) => inSector(stage.own.id)(await stage.sector(stage.own)),
    foreign: {
      admin: EVERYTHING,
      coordinator: async (stage) => [
        hidden(await stage.sector(stage.other), ABSENT.sector, inSector(stage.other.id)),
      ],
      practitioner: async (stage) => {
        const sector = await stage.sector(stage.own, [stage.own, stage.other])
        return [hidden(stage.other.id, ABSENT.practitioner, (id) => inSector(id)(sector))]
      },
    },
    absent: inSector(ABSENT.practitioner)(ABSENT.sector),
  }
}

const readNotes = (notes: Notes): Objects => {
  const request = (id: string): Request => ({ path: `/sectors/${id}/${notes.path}` })
  return {
    own: async (stage) => request(await stage.sector(stage.own)),
    foreign: {
      admin: EVERYTHING,
      coordinator: async (stage) => [hidden(await stage.sector(stage.other), ABSENT.sector, request)],
      practitioner: async (stage) => {
        const { path, id } = await noted(stage, notes, stage.own)
        const foreign = created(await stage.other.caller.post(path, noteBody(stage.other.id, notes)))
        return [{ list: { path }, shown: id, hidden: foreign }]
      },
    },
    absent: request(ABSENT.sector),
  }
}

const oneNote = (notes: Notes, request: (path: string) => Request): Objects => ({
  own: async (stage) => {
    const { path, id } = await noted(stage, notes, stage.own)
    return request(`${path}/${id}`)
  },
  foreign: {
    admin: EVERYTHING,
    coordinator: async (stage) => {
      const path = `/sectors/${await stage.sector(stage.other)}/${notes.path}`
      const id = created(await stage.other.caller.post(path, noteBody(stage.other.id, notes)))
      return [hidden(id, notes.absent, (one) => request(`${path}/${one}`))]
    },
    practitioner: async (stage) => {
      const { path, id } = await noted(stage, notes, stage.other)
      return [hidden(id, notes.absent, (one) => request(`${path}/${one}`))]
    },
  },
  absent: request(`/sectors/${ABSENT.sector}/${notes.path}/${notes.absent}`),
})

const rotaBody = (sectorId: string) => ({
  sectorId,
  from: '2027-01-04',
  to: '2027-01-10',
  exceptional: true,
})

/** A draft of a new sector of this GP's CPTS. */
const draftOf = async (stage: Stage, gp: Member): Promise<string> =>
  created(await stage.world.admin.post('/rotas', rotaBody(await stage.sector(gp))))

const PUBLISHING = ['consultation', 'validated', 'sent_to_cdom', 'published'] as const

/** A rota of a new sector of this GP's CPTS, as far as that state. */
const rotaOf = async (stage: Stage, gp: Member, state: (typeof PUBLISHING)[number]): Promise<string> => {
  const id = await draftOf(stage, gp)
  for (const to of PUBLISHING.slice(0, PUBLISHING.indexOf(state) + 1))
    await stage.world.admin.post(`/rotas/${id}/transition`, { to })
  return id
}

/** What is done with a rota of a sector that is the caller's to manage. */
const ofRota = (request: (id: string) => Request): Objects => ({
  own: async (stage) => request(await draftOf(stage, stage.own)),
  foreign: {
    admin: EVERYTHING,
    // A published rota is shown to others and is none the more theirs.
    coordinator: async (stage) => [
      hidden(await draftOf(stage, stage.other), ABSENT.rota, request),
      hidden(await rotaOf(stage, stage.other, 'published'), ABSENT.rota, request),
    ],
  },
  absent: request(ABSENT.rota),
})

const inConsultation =
  (request: (id: string) => Request) =>
  async (stage: Stage): Promise<Hidden[]> => [
    hidden(await rotaOf(stage, stage.other, 'consultation'), ABSENT.rota, request),
  ]

/** What is read of a rota: one that is in consultation in another sector is nobody else's yet. */
const readRota = (request: (id: string) => Request, roles: readonly Role[]): Objects => ({
  own: async (stage) => request(await rotaOf(stage, stage.own, 'published')),
  foreign: {
    admin: EVERYTHING,
    ...Object.fromEntries(roles.map((role) => [role, inConsultation(request)])),
  },
  absent: request(ABSENT.rota),
})

const firstShift = async (stage: Stage, gp: Member): Promise<string> =>
  (await stage.world.admin.get(`/rotas/${await draftOf(stage, gp)}/shifts`)).body.items[0].id

let weeks = 0

/** A shift of a published rota of this sector, of a week of its own, of which somebody has a place. */
export const dutyOf = async (stage: Stage, sectorId: string, doer: Member): Promise<string> => {
  const { admin } = stage.world
  const day = addDays(getLocalDate('2027-01-04'), 7 * weeks++)
  const id = created(await admin.post('/rotas', { ...rotaBody(sectorId), from: day, to: day }))
  for (const to of PUBLISHING) await admin.post(`/rotas/${id}/transition`, { to })
  const shift = (await admin.get(`/rotas/${id}/shifts`)).body.items[0].id as string
  await admin.put(`/shifts/${shift}/places/1`, { practitionerId: doer.id, override: 'essai' })
  return shift
}

const openCall = (shiftId: string) => ({ path: '/swaps', body: { kind: 'open', shiftId, place: 1 } })

/** A change of the sector of this GP's CPTS, by a doer, for somebody or for all. */
export const swapOf = async (stage: Stage, gp: Member, doer: Member, to?: Member): Promise<string> => {
  const { body } = openCall(await dutyOf(stage, await stage.sector(gp), doer))
  const asked = to === undefined ? body : { ...body, kind: 'replacement', toPractitionerId: to.id }
  return created(await stage.world.admin.post('/swaps', asked))
}

/** A change that waits for approval. */
export const swapToApprove = async (stage: Stage, gp: Member): Promise<string> => {
  const sectorId = await stage.sector(gp)
  await stage.world.admin.patch(`/sectors/${sectorId}`, { approvalForSwaps: true })
  const { body } = openCall(await dutyOf(stage, sectorId, gp))
  const outside = { name: 'Fictif', rpps: rppsOf(++numbers), phone: '+33199000005' }
  return created(await stage.world.admin.post('/swaps', { ...body, kind: 'replacement', outside }))
}

/** What is done with a change that concerns the caller; one of another sector is absent. */
const ofSwap = (
  request: (id: string) => Request,
  roles: readonly Role[],
  own: (stage: Stage) => Promise<string> = (stage) => swapOf(stage, stage.own, stage.own),
): Objects => ({
  own: async (stage) => request(await own(stage)),
  foreign: Object.fromEntries(
    roles.map((role) => [
      role,
      role === 'admin'
        ? EVERYTHING
        : async (stage: Stage) => [
            hidden(await swapOf(stage, stage.other, stage.other), ABSENT.swap, request),
          ],
    ]),
  ),
  absent: request(ABSENT.swap),
})

const SWAPPERS = ['admin', 'coordinator', 'practitioner'] as const

const answerSwap = (verb: string) => (id: string) => ({ path: `/swaps/${id}/${verb}`, body: {} })

/** A proposal to this GP of somebody of their CPTS, accepted where that is wanted. */
export const proposalOf = async ({ world }: Stage, gp: Member, isAccepted = false): Promise<string> => {
  const requestId = await makeRequest(world, gp.communityId)
  const id = await propose(world, gp.communityId, requestId, gp.id)
  if (isAccepted) await gp.caller.post(`/proposals/${id}/accept`)
  return id
}

/** What a practitioner can take: theirs to say, and a coordinator's of their CPTS. */
const ofIntake = (request: (id: string) => Request): Objects => ({
  own: ({ own }) => request(own.id),
  foreign: managed(({ other }) => Promise.resolve([hidden(other.id, ABSENT.practitioner, request)])),
  absent: request(ABSENT.practitioner),
})

/** What is done with a proposal that concerns the caller; one to a GP of another CPTS is absent. */
const ofProposal = (
  request: (id: string) => Request,
  roles: readonly Role[] = SWAPPERS,
  isAccepted = false,
): Objects => ({
  own: async (stage) => request(await proposalOf(stage, stage.own, isAccepted)),
  foreign: Object.fromEntries(
    roles.map((role) => [
      role,
      role === 'admin'
        ? EVERYTHING
        : async (stage: Stage) => [
            hidden(await proposalOf(stage, stage.other, isAccepted), ABSENT.proposal, request),
          ],
    ]),
  ),
  absent: request(ABSENT.proposal),
})

/** A simulation of this GP's CPTS, and a request that is in it. */
export const allocationOf = async (
  { world }: Stage,
  gp: Member,
): Promise<{ id: string; requestId: string }> => {
  const { communityId } = gp
  const requestId = await makeRequest(world, communityId, { flags: [OF_CLASS[1]] })
  return { id: created(await world.admin.post('/allocations', { communityId })), requestId }
}

/** What is done with a simulation of the caller's CPTS; one of another CPTS is absent, whichever its request. */
const ofAllocation = (request: (id: string, requestId: string, gpId: string) => Request): Objects => ({
  own: async (stage) => {
    const { id, requestId } = await allocationOf(stage, stage.own)
    return request(id, requestId, stage.own.id)
  },
  foreign: {
    admin: EVERYTHING,
    coordinator: async (stage) => {
      const { id, requestId } = await allocationOf(stage, stage.other)
      return [hidden(id, ABSENT.allocation, (one) => request(one, requestId, stage.other.id))]
    },
  },
  absent: request(ABSENT.allocation, 'mtrq_7zzzzzzzzzzzzzzzzzzzzzzzzz', ABSENT.practitioner),
})

/** What is done with a request of the caller's CPTS; one of another CPTS is absent. */
const ofMtRequest = (
  request: (id: string) => Request,
  roles: readonly ('admin' | 'coordinator')[] = ['admin', 'coordinator'],
): Objects => ({
  own: async ({ world, own }) => request(await makeRequest(world, own.communityId)),
  foreign: Object.fromEntries(
    roles.map((role) => [
      role,
      role === 'admin'
        ? EVERYTHING
        : async ({ world, other }: Stage) => [
            hidden(await makeRequest(world, other.communityId), ABSENT.mtRequest, request),
          ],
    ]),
  ),
  absent: request(ABSENT.mtRequest),
})

/** A file of one person for a CPTS. */
const importOf = (communityId: string): Request => ({
  path: `/mt-requests/import?community=${communityId}`,
  csv: CENSUS,
})

/** For each operation of the document, what belongs to a caller and what does not. */
export const OBJECTS: Readonly<Record<string, Objects>> = {
  listCommunes: read('/communes'),
  loadCommunes: {
    own: () => ({
      path: '/communes',
      body: {
        items: [
          {
            insee: '92004',
            name: 'Asnières',
            postalCode: '92600',
            population: 86_742,
            lat: 48.91,
            lon: 2.29,
          },
        ],
      },
    }),
    foreign: ADMIN_ONLY,
  },
  createCommunity: {
    own: () => ({ path: '/communities', body: { name: 'CPTS nouvelle', communes: ['92073'] } }),
    foreign: ADMIN_ONLY,
  },
  listCommunities: read('/communities'),
  getCommunity: {
    own: (stage) => ({ path: `/communities/${stage.other.communityId}` }),
    foreign: EVERY_ROLE,
    absent: { path: `/communities/${ABSENT.community}` },
  },
  updateCommunity: {
    own: (stage) => ({ path: `/communities/${stage.own.communityId}`, body: { name: 'CPTS renommée' } }),
    foreign: ADMIN_ONLY,
    absent: { path: `/communities/${ABSENT.community}`, body: { name: 'CPTS renommée' } },
  },
  createPractitioner: {
    own: (stage) => ({ path: '/practitioners', body: practitionerInput([stage.own.communityId]) }),
    foreign: {
      admin: EVERYTHING,
      coordinator: async (stage) => {
        const body = practitionerInput([])
        return [
          hidden(stage.other.communityId, ABSENT.community, (community) => ({
            path: '/practitioners',
            body: { ...body, communityIds: [stage.own.communityId, community] },
          })),
        ]
      },
    },
  },
  listPractitioners: read('/practitioners'),
  getPractitioner: {
    own: (stage) => ({ path: `/practitioners/${stage.other.id}` }),
    foreign: EVERY_ROLE,
    absent: { path: `/practitioners/${ABSENT.practitioner}` },
  },
  updatePractitioner: {
    own: (stage) => ({ path: `/practitioners/${stage.own.id}`, body: { weeklyTargetMinutes: 90 } }),
    foreign: managed(async (stage) => [
      hidden(stage.other.id, ABSENT.practitioner, (id) => ({
        path: `/practitioners/${id}`,
        body: { weeklyTargetMinutes: 90 },
      })),
      hidden(stage.other.communityId, ABSENT.community, (community) => ({
        path: `/practitioners/${stage.own.id}`,
        body: { communityIds: [stage.own.communityId, community] },
      })),
    ]),
    absent: { path: `/practitioners/${ABSENT.practitioner}`, body: {} },
  },
  addSite: {
    own: (stage) => ({ path: `/practitioners/${stage.own.id}/sites`, body: siteInput() }),
    foreign: managed(async (stage) => [
      hidden(stage.other.id, ABSENT.practitioner, (id) => ({
        path: `/practitioners/${id}/sites`,
        body: siteInput(),
      })),
    ]),
    absent: { path: `/practitioners/${ABSENT.practitioner}/sites`, body: siteInput() },
  },
  createKey: {
    own: () => ({ path: '/keys', body: { role: 'regulator', label: 'poste 3' } }),
    foreign: ADMIN_ONLY,
  },
  listKeys: { own: () => ({ path: '/keys' }), foreign: ADMIN_ONLY },
  rotateKey: {
    own: async (stage) => ({ path: `/keys/${await keyId(stage)}/rotate`, body: {} }),
    foreign: ADMIN_ONLY,
    absent: { path: `/keys/${ABSENT.key}/rotate`, body: {} },
  },
  revokeKey: {
    own: async (stage) => ({ path: `/keys/${await keyId(stage)}` }),
    foreign: ADMIN_ONLY,
    absent: { path: `/keys/${ABSENT.key}` },
  },
  createSeries: repeating('/series'),
  previewSeries: repeating('/series/preview'),
  listSeries: {
    own: () => ({ path: '/series' }),
    foreign: managed(async (stage) => [
      hidden(stage.other.id, ABSENT.practitioner, (id) => ({ path: `/series?practitioner=${id}` })),
      {
        list: { path: '/series' },
        shown: await stage.series(stage.own),
        hidden: await stage.series(stage.other),
      },
    ]),
  },
  getSeries: {
    own: async (stage) => ({ path: `/series/${await stage.series(stage.own)}` }),
    foreign: managed(async (stage) => [
      hidden(await stage.series(stage.other), ABSENT.series, (id) => ({ path: `/series/${id}` })),
    ]),
    absent: { path: `/series/${ABSENT.series}` },
  },
  endSeries: {
    own: async (stage) => ({
      path: `/series/${await stage.series(stage.own)}/end`,
      body: { from: '2026-12-07' },
    }),
    foreign: managed(async (stage) => [
      hidden(await stage.series(stage.other), ABSENT.series, (id) => ({
        path: `/series/${id}/end`,
        body: { from: '2026-12-07' },
      })),
    ]),
    absent: { path: `/series/${ABSENT.series}/end`, body: { from: '2026-12-07' } },
  },
  editSeries: {
    own: async (stage) => ({
      path: `/series/${await stage.series(stage.own)}/edit`,
      body: { scope: 'following', from: '2026-12-07', change: { capacity: 2 } },
    }),
    foreign: managed(async (stage) => [
      hidden(await stage.series(stage.other), ABSENT.series, (id) => ({
        path: `/series/${id}/edit`,
        body: { scope: 'all', change: { capacity: 2 } },
      })),
      hidden(stage.other.siteId, ABSENT.site, await editOfSite(stage)),
    ]),
    absent: { path: `/series/${ABSENT.series}/edit`, body: { scope: 'all', change: { capacity: 2 } } },
  },
  publishSlot: publishing('/slots', (input) => input),
  publishSlots: publishing('/slots/batch', (input) => ({ slots: [input] })),
  listSlots: {
    own: () => ({ path: '/slots' }),
    foreign: {
      ...managed(async (stage) => [
        {
          list: { path: '/slots' },
          shown: await stage.slot(stage.own),
          hidden: await stage.slot(stage.other),
        },
        {
          list: { path: `/slots?from=${encodeURIComponent('2026-11-23T09:00:00+01:00')}&status=open` },
          shown: await stage.slot(stage.own),
          hidden: await closedSlot(stage),
        },
      ]),
      regulator: async (stage) => [
        {
          list: { path: '/slots' },
          shown: await stage.slot(stage.other),
          hidden: await closedSlot(stage),
        },
      ],
    },
  },
  getSlot: {
    own: async (stage) => ({ path: `/slots/${await stage.slot(stage.own)}` }),
    foreign: {
      ...managed(async (stage) => [
        hidden(await stage.slot(stage.other), ABSENT.slot, (id) => ({ path: `/slots/${id}` })),
      ]),
      regulator: async (stage) => [
        hidden(await closedSlot(stage), ABSENT.slot, (id) => ({ path: `/slots/${id}` })),
      ],
    },
    absent: { path: `/slots/${ABSENT.slot}` },
  },
  withdrawSlot: {
    own: async (stage) => ({ path: `/slots/${await stage.slot(stage.own)}/withdraw`, body: {} }),
    foreign: managed(async (stage) => [
      hidden(await stage.slot(stage.other), ABSENT.slot, (id) => ({
        path: `/slots/${id}/withdraw`,
        body: {},
      })),
      // One that the other could see and book is still not theirs to withdraw.
      hidden(await stage.slot(stage.other, { audiences: ['PUBLIC', 'PRO'] }), ABSENT.slot, (id) => ({
        path: `/slots/${id}/withdraw`,
        body: {},
      })),
    ]),
    absent: { path: `/slots/${ABSENT.slot}/withdraw`, body: {} },
  },
  setCoveragePlan: ofCommunity((id) => ({
    path: `/communities/${id}/coverage-plan`,
    body: { wanted: [{ weekday: 1, half: 'am', places: 2 }] },
  })),
  getCoveragePlan: ofCommunity((id) => ({ path: `/communities/${id}/coverage-plan` })),
  getCoverage: ofCommunity((id) => ({ path: `/communities/${id}/coverage?week=2026-W48` })),
  getCounters: {
    own: (stage) => ({ path: `/practitioners/${stage.own.id}/counters?week=2026-W48` }),
    foreign: managed(async (stage) => [
      hidden(stage.other.id, ABSENT.practitioner, (id) => ({
        path: `/practitioners/${id}/counters?week=2026-W48`,
      })),
    ]),
    absent: { path: `/practitioners/${ABSENT.practitioner}/counters` },
  },
  searchAvailability: {
    own: () => ({ path: '/availability?commune=92050' }),
    foreign: {
      admin: EVERYTHING,
      practitioner: async (stage) => [
        {
          list: { path: '/availability?commune=92050' },
          shown: await stage.slot(stage.other, { audiences: ['PRO'] }),
          hidden: await stage.slot(stage.other, { audiences: ['SNP'] }),
        },
      ],
      regulator: async (stage) => [
        {
          list: { path: '/availability?commune=92050' },
          shown: await stage.slot(stage.other),
          hidden: await closedSlot(stage),
        },
      ],
    },
  },
  createBooking: {
    own: async (stage) => ({
      path: '/bookings',
      body: bookingBody(await stage.slot(stage.own, { audiences: ['PRO', 'SNP'] })),
    }),
    foreign: {
      admin: EVERYTHING,
      practitioner: async (stage) => [
        hidden(await stage.slot(stage.other), ABSENT.slot, (id) => ({
          path: '/bookings',
          body: bookingBody(id),
        })),
      ],
      regulator: async (stage) => [
        hidden(await closedSlot(stage), ABSENT.slot, (id) => ({ path: '/bookings', body: bookingBody(id) })),
      ],
    },
    absent: { path: '/bookings', body: bookingBody(ABSENT.slot) },
  },
  listBookings: {
    own: () => ({ path: '/bookings' }),
    foreign: {
      ...managed(async (stage) => [
        {
          list: { path: '/bookings' },
          shown: await stage.booking(stage.own),
          hidden: await stage.booking(stage.other),
        },
      ]),
      regulator: async (stage) => [
        {
          list: { path: '/bookings' },
          shown: await stage.booking(stage.other),
          hidden: await stage.booking(stage.other, 'practitioner'),
        },
      ],
    },
  },
  getBooking: oneBooking((id) => ({ path: `/bookings/${id}` })),
  cancelBooking: oneBooking((id) => ({ path: `/bookings/${id}/cancel`, body: { reason: 'patient' } })),
  moveBooking: {
    ...oneBooking((id) => ({ path: `/bookings/${id}/move`, body: { slotId: ABSENT.slot } })),
    own: async (stage) => ({
      path: `/bookings/${await stage.booking(stage.own)}/move`,
      body: { slotId: await stage.slot(stage.own, { audiences: ['PRO', 'SNP'] }) },
    }),
  },
  recordOutcome: {
    ...oneBooking((id) => ({ path: `/bookings/${id}/outcome`, body: { outcome: 'fulfilled' } })),
    own: async (stage) => {
      const path = `/bookings/${await stage.booking(stage.own)}`
      stage.world.clock.set((await stage.world.admin.get(path)).body.start)
      return { path: `${path}/outcome`, body: { outcome: 'fulfilled' } }
    },
  },
  acknowledgeBooking: oneBooking((id) => ({ path: `/bookings/${id}/acknowledge`, body: {} })),
  holdSlot: {
    own: async (stage) => ({
      path: `/slots/${await stage.slot(stage.own, { audiences: ['PRO', 'SNP'] })}/holds`,
      body: {},
    }),
    foreign: {
      admin: EVERYTHING,
      practitioner: async (stage) => [
        hidden(await stage.slot(stage.other), ABSENT.slot, (id) => ({
          path: `/slots/${id}/holds`,
          body: {},
        })),
      ],
      regulator: async (stage) => [
        hidden(await closedSlot(stage), ABSENT.slot, (id) => ({ path: `/slots/${id}/holds`, body: {} })),
      ],
    },
    absent: { path: `/slots/${ABSENT.slot}/holds`, body: {} },
  },
  extendHold: oneHold((id) => ({ path: `/holds/${id}/extend`, body: {} })),
  releaseHold: oneHold((id) => ({ path: `/holds/${id}` })),
  eraseBookingPatient: {
    ...oneBooking((id) => ({ path: `/bookings/${id}/erase`, body: { requestedBy: 'patient' } })),
    // Only a patient who is no longer expected is erased.
    own: async (stage) => {
      const id = await stage.booking(stage.own)
      await stage.world.admin.post(`/bookings/${id}/cancel`, { reason: 'patient' })
      return { path: `/bookings/${id}/erase`, body: { requestedBy: 'patient' } }
    },
  },
  getEnSusRules: read('/en-sus/rules'),
  setEnSusRules: {
    own: () => ({ path: '/en-sus/rules', body: { waveSeconds: 120, nearestCount: 3, radiusKm: 8 } }),
    foreign: ADMIN_ONLY,
  },
  requestEnSus: {
    own: () => ({ path: '/en-sus', body: enSusInput }),
    foreign: { admin: EVERYTHING, regulator: EVERYTHING },
  },
  listEnSus: {
    own: () => ({ path: '/en-sus' }),
    foreign: {
      admin: EVERYTHING,
      regulator: EVERYTHING,
      practitioner: async (stage) => [
        {
          list: { path: '/en-sus' },
          shown: await enSusOf(stage, stage.own),
          hidden: await enSusOf(stage, stage.other),
        },
      ],
    },
  },
  getEnSus: oneEnSus((id) => ({ path: `/en-sus/${id}` })),
  acceptEnSus: {
    ...oneEnSus((id) => ({ path: `/en-sus/${id}/accept`, body: {} })),
    foreign: {
      practitioner: async (stage) => {
        const accept = (id: string, body = {}): Request => ({ path: `/en-sus/${id}/accept`, body })
        const asked = await enSusOf(stage, stage.own)
        return [
          hidden(await enSusOf(stage, stage.other), ABSENT.enSus, accept),
          hidden(stage.other.siteId, ABSENT.site, (siteId) => accept(asked, { siteId })),
        ]
      },
    },
  },
  declineEnSus: oneEnSus((id) => ({ path: `/en-sus/${id}/decline`, body: {} })),
  closeEnSus: oneEnSus((id) => ({ path: `/en-sus/${id}/close`, body: {} })),
  bookEnSus: oneEnSus((id) => {
    const { patient, operator } = bookingBody('')
    return { path: `/en-sus/${id}/book`, body: { patient, operator } }
  }, true),
  createWebhook: {
    own: () => ({ path: '/webhooks', body: webhookInput }),
    foreign: {
      admin: EVERYTHING,
      coordinator: EVERYTHING,
      practitioner: EVERYTHING,
      regulator: EVERYTHING,
    },
  },
  listWebhooks: {
    own: () => ({ path: '/webhooks' }),
    foreign: {
      admin: EVERYTHING,
      ...Object.fromEntries(
        (['coordinator', 'practitioner', 'regulator'] as const).map((role) => [
          role,
          async (stage: Stage) => [
            {
              list: { path: '/webhooks' },
              shown: await webhookOf(stage.callers[role]),
              hidden: await strangersWebhook(stage),
            },
          ],
        ]),
      ),
    },
  },
  getWebhook: oneWebhook((id) => ({ path: `/webhooks/${id}` })),
  deleteWebhook: oneWebhook((id) => ({ path: `/webhooks/${id}` })),
  listWebhookFailures: oneWebhook((id) => ({ path: `/webhooks/${id}/failures` })),
  replayWebhook: oneWebhook((id) => ({ path: `/webhooks/${id}/replay`, body: {} })),
  getNoticePreferences: ofPractitioner((id) => ({ path: `/practitioners/${id}/notices` })),
  setNoticePreferences: ofPractitioner((id) => ({
    path: `/practitioners/${id}/notices`,
    body: { email: 'gp@cabinet.example', subjects: ['booking'] },
  })),
  createFeed: {
    own: async (stage, role) =>
      role === 'practitioner'
        ? { path: '/feeds', body: { kind: 'my-slots' } }
        : sectorFeedInput(await stage.sector(stage.own)),
    foreign: {
      admin: EVERYTHING,
      regulator: EVERYTHING,
      coordinator: sectorFeed(sectorFeedInput),
      practitioner: sectorFeed(sectorFeedInput),
    },
    absent: sectorFeedInput(ABSENT.sector),
  },
  listFeeds: {
    own: () => ({ path: '/feeds' }),
    foreign: {
      admin: EVERYTHING,
      practitioner: async (stage) => [
        {
          list: { path: '/feeds' },
          shown: (await feedOf(stage.own)).id,
          hidden: (await feedOf(stage.other)).id,
        },
      ],
      coordinator: listedSectorFeeds('coordinator'),
      regulator: listedSectorFeeds('regulator'),
    },
  },
  revokeFeed: {
    own: async (stage, role) => {
      if (role === 'coordinator' || role === 'regulator')
        return { path: `/feeds/${await sectorFeedOf(stage, stage.callers[role])}` }
      // A GP has five at most.
      const gp = role === 'practitioner' ? stage.own : await makeGp(stage.world, stage.own.communityId)
      return { path: `/feeds/${(await feedOf(gp)).id}` }
    },
    foreign: {
      admin: EVERYTHING,
      practitioner: async (stage) => [
        hidden((await feedOf(stage.other)).id, ABSENT.feed, (id) => ({ path: `/feeds/${id}` })),
      ],
      coordinator: hiddenSectorFeed,
      regulator: hiddenSectorFeed,
    },
    absent: { path: `/feeds/${ABSENT.feed}` },
  },
  readFeed: {
    own: async (stage) => ({ path: (await feedOf(stage.own)).path }),
    foreign: {},
    absent: { path: `/feeds/${'A'.repeat(43)}.ics` },
  },
  importSlots: {
    own: (stage) => ({ path: '/slots/import', body: importInput(stage.own) }),
    foreign: managed(async (stage) => [
      hidden(stage.other.id, ABSENT.practitioner, (practitionerId) => ({
        path: '/slots/import',
        body: { ...importInput(stage.other), practitionerId },
      })),
      hidden(stage.other.siteId, ABSENT.site, (siteId) => ({
        path: '/slots/import',
        body: { ...importInput(stage.own), siteId },
      })),
    ]),
  },
  createRota: {
    own: async (stage) => ({ path: '/rotas', body: rotaBody(await stage.sector(stage.own)) }),
    foreign: {
      admin: EVERYTHING,
      coordinator: async (stage) => [
        hidden(await stage.sector(stage.other), ABSENT.sector, (id) => ({
          path: '/rotas',
          body: rotaBody(id),
        })),
      ],
    },
    absent: { path: '/rotas', body: rotaBody(ABSENT.sector) },
  },
  listRotas: {
    own: () => ({ path: '/rotas' }),
    foreign: {
      admin: EVERYTHING,
      ...Object.fromEntries(
        (['coordinator', 'practitioner', 'regulator', 'auditor'] as const).map((role) => [
          role,
          async (stage: Stage) => [
            {
              list: { path: '/rotas?limit=200' },
              shown: await rotaOf(stage, stage.own, 'published'),
              hidden: await rotaOf(stage, stage.other, 'consultation'),
            },
          ],
        ]),
      ),
    },
  },
  getRota: readRota(
    (id) => ({ path: `/rotas/${id}` }),
    ['coordinator', 'practitioner', 'regulator', 'auditor'],
  ),
  listShifts: readRota(
    (id) => ({ path: `/rotas/${id}/shifts` }),
    ['coordinator', 'practitioner', 'regulator', 'auditor'],
  ),
  listRotaVersions: readRota((id) => ({ path: `/rotas/${id}/versions` }), ['coordinator', 'practitioner']),
  getRotaVersion: readRota((id) => ({ path: `/rotas/${id}/versions/1` }), ['coordinator', 'practitioner']),
  getRotaLedger: readRota((id) => ({ path: `/rotas/${id}/ledger` }), ['coordinator', 'practitioner']),
  deleteRota: ofRota((id) => ({ path: `/rotas/${id}` })),
  transitionRota: ofRota((id) => ({ path: `/rotas/${id}/transition`, body: { to: 'consultation' } })),
  generateRota: ofRota((id) => ({ path: `/rotas/${id}/generate`, body: {} })),
  getGeneration: {
    ...ofRota((id) => ({ path: `/rotas/${id}/generation` })),
    own: async (stage) => {
      const id = await draftOf(stage, stage.own)
      await stage.world.admin.post(`/rotas/${id}/generate`, {})
      return { path: `/rotas/${id}/generation` }
    },
  },
  setShiftPlace: {
    own: async (stage) => ({
      path: `/shifts/${await firstShift(stage, stage.own)}/places/1`,
      // Each draft of this table is of a sector of its own: a person would be on duty twice.
      body: { practitionerId: null },
    }),
    foreign: {
      admin: EVERYTHING,
      coordinator: async (stage) => [
        hidden(await firstShift(stage, stage.other), ABSENT.shift, (id) => ({
          path: `/shifts/${id}/places/1`,
          body: { practitionerId: null },
        })),
      ],
    },
    absent: { path: `/shifts/${ABSENT.shift}/places/1`, body: { practitionerId: null } },
  },
  askSwap: {
    own: async (stage) => openCall(await dutyOf(stage, await stage.sector(stage.own), stage.own)),
    foreign: managed(async (stage) => [
      hidden(await dutyOf(stage, await stage.sector(stage.other), stage.other), ABSENT.shift, openCall),
    ]),
    absent: openCall(ABSENT.shift),
  },
  listSwaps: {
    own: () => ({ path: '/swaps' }),
    foreign: managed(async (stage) => [
      {
        list: { path: '/swaps?limit=200' },
        shown: await swapOf(stage, stage.own, stage.own),
        hidden: await swapOf(stage, stage.other, stage.other),
      },
    ]),
  },
  getSwap: ofSwap((id) => ({ path: `/swaps/${id}` }), SWAPPERS),
  acceptSwap: ofSwap(answerSwap('accept'), ['practitioner'], (stage) =>
    swapOf(stage, stage.other, stage.other, stage.own),
  ),
  declineSwap: ofSwap(answerSwap('decline'), SWAPPERS, (stage) =>
    swapOf(stage, stage.own, stage.other, stage.own),
  ),
  approveSwap: ofSwap(answerSwap('approve'), ['admin', 'coordinator'], (stage) =>
    swapToApprove(stage, stage.own),
  ),
  cancelSwap: ofSwap(answerSwap('cancel'), SWAPPERS),
  createSector: {
    own: (stage) => ({
      path: '/sectors',
      body: { name: 'Secteur', communes: ['92050'], communityIds: [stage.own.communityId] },
    }),
    foreign: {
      admin: EVERYTHING,
      coordinator: (stage) =>
        Promise.resolve([
          hidden(stage.other.communityId, ABSENT.community, (community) => ({
            path: '/sectors',
            body: { name: 'Secteur', communes: ['92050'], communityIds: [community] },
          })),
        ]),
    },
  },
  listSectors: read('/sectors'),
  getSector: {
    own: async (stage) => ({ path: `/sectors/${await stage.sector(stage.other)}` }),
    foreign: EVERY_ROLE,
    absent: { path: `/sectors/${ABSENT.sector}` },
  },
  updateSector: ofSector((id) => ({ path: `/sectors/${id}`, body: { restHours: 12 } })),
  setShiftTypes: ofSector((id) => ({ path: `/sectors/${id}/shift-types`, body: [typeBody()] })),
  listShiftTypes: {
    own: async (stage) => ({ path: `/sectors/${await stage.sector(stage.other)}/shift-types` }),
    foreign: EVERY_ROLE,
    absent: { path: `/sectors/${ABSENT.sector}/shift-types` },
  },
  setSectorMembers: ofSector((id) => ({ path: `/sectors/${id}/members`, body: [] })),
  listSectorMembers: {
    own: async (stage) => ({ path: `/sectors/${await stage.sector(stage.own)}/members` }),
    foreign: managed(async (stage) => [
      hidden(await stage.sector(stage.other), ABSENT.sector, (id) => ({ path: `/sectors/${id}/members` })),
    ]),
    absent: { path: `/sectors/${ABSENT.sector}/members` },
  },
  addRestriction: writeNotes(RESTRICTIONS),
  listRestrictions: readNotes(RESTRICTIONS),
  endRestriction: oneNote(RESTRICTIONS, (path) => ({ path: `${path}/end`, body: { to: '2026-12-24' } })),
  addWish: writeNotes(WISHES),
  listWishes: readNotes(WISHES),
  removeWish: oneNote(WISHES, (path) => ({ path })),
  addAbsence: writeNotes(ABSENCES),
  listAbsences: readNotes(ABSENCES),
  removeAbsence: oneNote(ABSENCES, (path) => ({ path })),
  listCalendarDays: read('/calendar/days?from=2026-11-23&to=2026-11-29'),
  createAllocation: {
    own: (stage) => ({ path: '/allocations', body: { communityId: stage.own.communityId } }),
    foreign: {
      admin: EVERYTHING,
      coordinator: (stage) =>
        Promise.resolve([
          hidden(stage.other.communityId, ABSENT.community, (communityId) => ({
            path: '/allocations',
            body: { communityId },
          })),
        ]),
    },
    absent: { path: '/allocations', body: { communityId: ABSENT.community } },
  },
  listAllocations: {
    own: () => ({ path: '/allocations' }),
    foreign: {
      admin: EVERYTHING,
      coordinator: async (stage) => [
        {
          list: { path: '/allocations?limit=200' },
          shown: (await allocationOf(stage, stage.own)).id,
          hidden: (await allocationOf(stage, stage.other)).id,
        },
      ],
    },
  },
  getAllocation: ofAllocation((id) => ({ path: `/allocations/${id}` })),
  getAllocationProgress: {
    own: (stage) => ({ path: `/communities/${stage.own.communityId}/allocation-progress` }),
    foreign: {
      admin: EVERYTHING,
      coordinator: (stage) =>
        Promise.resolve([
          hidden(stage.other.communityId, ABSENT.community, (id) => ({
            path: `/communities/${id}/allocation-progress`,
          })),
        ]),
    },
    absent: { path: `/communities/${ABSENT.community}/allocation-progress` },
  },
  adjustAllocation: ofAllocation((id, requestId) => ({
    path: `/allocations/${id}/adjust`,
    body: { requestId, practitionerId: null, lock: true, reason: 'essai' },
  })),
  discardAllocation: ofAllocation((id) => ({ path: `/allocations/${id}/discard`, body: {} })),
  publishAllocation: ofAllocation((id) => ({ path: `/allocations/${id}/publish`, body: {} })),
  explainAllocation: ofAllocation((id, requestId) => ({
    path: `/allocations/${id}/explain?request=${requestId}`,
  })),
  whatIfAllocation: ofAllocation((id, requestId, gpId) => ({
    path: `/allocations/${id}/what-if?request=${requestId}&practitioner=${gpId}`,
  })),
  compareAllocations: ofAllocation((id) => ({ path: `/allocations/${id}/compare?with=${id}` })),
  listEvents: {
    own: () => ({ path: '/events' }),
    foreign: {
      ...managed(async (stage) => [
        {
          list: { path: '/events?limit=200' },
          shown: await stage.slot(stage.own),
          hidden: await stage.slot(stage.other),
        },
      ]),
      regulator: async (stage) => [
        {
          list: { path: '/events?limit=200' },
          shown: await stage.booking(stage.other),
          hidden: await stage.booking(stage.other, 'practitioner'),
        },
      ],
    },
  },
  readAudit: { own: () => ({ path: '/audit' }), foreign: ADMIN_ONLY },
  verifyAudit: { own: () => ({ path: '/audit/verify' }), foreign: ADMIN_ONLY },
  readOnCall: read('/on-call'),
  listHoles: {
    own: async (stage) => ({
      path: `/sectors/${await stage.sector(stage.other)}/holes?from=2026-11-23&to=2026-11-29`,
    }),
    foreign: EVERY_ROLE,
    absent: { path: `/sectors/${ABSENT.sector}/holes?from=2026-11-23&to=2026-11-29` },
  },
  exportRota: readRota(
    (id) => ({ path: `/rotas/${id}/export?format=html` }),
    ['coordinator', 'practitioner', 'regulator', 'auditor'],
  ),
  setIntake: ofIntake((id) => ({ path: `/practitioners/${id}/intake`, body: intakeBody() })),
  getIntake: {
    own: async ({ own }) => {
      await own.caller.put(`/practitioners/${own.id}/intake`, intakeBody())
      return { path: `/practitioners/${own.id}/intake` }
    },
    foreign: managed(async ({ other }) => {
      await other.caller.put(`/practitioners/${other.id}/intake`, intakeBody())
      return [hidden(other.id, ABSENT.practitioner, (id) => ({ path: `/practitioners/${id}/intake` }))]
    }),
    absent: { path: `/practitioners/${ABSENT.practitioner}/intake` },
  },
  listIntakes: ofIntake((id) => ({ path: `/practitioners/${id}/intake/history` })),
  listProposals: {
    own: () => ({ path: '/proposals' }),
    foreign: managed(async (stage) => [
      {
        list: { path: '/proposals?limit=200' },
        shown: await proposalOf(stage, stage.own),
        hidden: await proposalOf(stage, stage.other),
      },
    ]),
  },
  getProposal: ofProposal((id) => ({ path: `/proposals/${id}` })),
  acceptProposal: ofProposal((id) => ({ path: `/proposals/${id}/accept`, body: {} }), ['practitioner']),
  refuseProposal: ofProposal(
    (id) => ({ path: `/proposals/${id}/refuse`, body: { reason: 'capacity' } }),
    ['practitioner'],
  ),
  contactHousehold: ofProposal(
    (id) => ({ path: `/proposals/${id}/contact`, body: { channel: 'phone', reached: true } }),
    SWAPPERS,
    true,
  ),
  noteDeclined: ofProposal((id) => ({ path: `/proposals/${id}/patient-declined`, body: {} }), SWAPPERS, true),
  declareProposal: ofProposal(
    (id) => ({ path: `/proposals/${id}/declare`, body: { at: '2026-11-23' } }),
    SWAPPERS,
    true,
  ),
  withdrawProposal: ofProposal(
    (id) => ({ path: `/proposals/${id}/withdraw`, body: {} }),
    ['admin', 'coordinator'],
  ),
  getAllocationRules: ofCommunity((id) => ({ path: `/communities/${id}/allocation-rules` })),
  setAllocationRules: ofCommunity((id) => ({
    path: `/communities/${id}/allocation-rules`,
    body: rulesBody(),
  })),
  createMtRequest: {
    own: ({ own }) => ({ path: '/mt-requests', body: requestBody(own.communityId) }),
    foreign: managed(({ other }) =>
      Promise.resolve([
        hidden(other.communityId, ABSENT.community, (id) => ({
          path: '/mt-requests',
          body: requestBody(id),
        })),
      ]),
    ),
    absent: { path: '/mt-requests', body: requestBody(ABSENT.community) },
  },
  listMtRequests: {
    own: () => ({ path: '/mt-requests' }),
    foreign: {
      admin: EVERYTHING,
      coordinator: async ({ world, own, other }) => [
        {
          list: { path: '/mt-requests?limit=200' },
          shown: await makeRequest(world, own.communityId),
          hidden: await makeRequest(world, other.communityId),
        },
      ],
    },
  },
  getMtRequest: ofMtRequest((id) => ({ path: `/mt-requests/${id}` })),
  updateMtRequest: ofMtRequest((id) => ({ path: `/mt-requests/${id}`, body: { maxKm: 5 } })),
  recordMtContact: ofMtRequest((id) => ({
    path: `/mt-requests/${id}/contacts`,
    body: { channel: 'phone', reached: true },
  })),
  addMtMember: ofMtRequest((id) => ({
    path: `/mt-requests/${id}/members`,
    body: { ...person({ given: 'Camille' }), consent: requestBody(id).consent },
  })),
  takeOutMtMember: {
    ...ofMtRequest((id) => ({ path: `/mt-requests/${id}/members/0/leave`, body: { reason: 'moved' } })),
    own: async ({ world, own }) => ({
      path: `/mt-requests/${await makeRequest(world, own.communityId, { flags: [{}, {}] })}/members/0/leave`,
      body: { reason: 'moved' },
    }),
  },
  withdrawMtRequest: ofMtRequest((id) => ({
    path: `/mt-requests/${id}/withdraw`,
    body: { reason: 'moved' },
  })),
  eraseMtRequest: ofMtRequest((id) => ({ path: `/mt-requests/${id}/erase`, body: {} })),
  getMtRights: ofMtRequest((id) => ({ path: `/mt-requests/${id}/rights` }), ['coordinator']),
  printMtRights: ofMtRequest((id) => ({ path: `/mt-requests/${id}/rights/page` }), ['coordinator']),
  importMtRequests: {
    own: ({ own }) => importOf(own.communityId),
    foreign: {
      admin: EVERYTHING,
      coordinator: ({ other }) => Promise.resolve([hidden(other.communityId, ABSENT.community, importOf)]),
    },
    absent: importOf(ABSENT.community),
  },
  listRefusals: ofCommunity((id) => ({ path: `/communities/${id}/refusals` })),
  getPriorityShares: ofCommunity((id) => ({ path: `/communities/${id}/priority-shares` })),
}
