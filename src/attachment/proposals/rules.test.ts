import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getLocalDate, toLocal, type LocalDate, type Zone } from '../../kernel/civil.ts'
import { DAY, instant, plus, type Instant } from '../../kernel/time.ts'
import {
  ageBandOf,
  isExcludedBy,
  isRefusal,
  isStale,
  maySeeHousehold,
  maySeeProposal,
  PROPOSAL_TRANSITIONS,
  refuseDeclaredOn,
  refuseReason,
  refuseStep,
  stateOf,
  timesOf,
  type ProposalStep,
} from './rules.ts'
import { AGE_BANDS, PROPOSAL_STATES, REFUSAL_REASONS, type ProposalState } from './vocabulary.ts'

const NOON = instant(Date.parse('2026-11-23T12:34:56.789Z'))
const steps = Object.keys(PROPOSAL_TRANSITIONS) as ProposalStep[]

describe('steps', () => {
  it('[PROP-4] of every state, exactly the steps of the table are let through', () => {
    const allowed = steps.flatMap((step) =>
      PROPOSAL_STATES.filter((state) => refuseStep(state, step) === null).map((state) => `${state} ${step}`),
    )
    expect(allowed.sort()).toEqual([
      'accepted declare',
      'accepted decline',
      'accepted lose',
      'accepted withdraw',
      'open accept',
      'open decline',
      'open expire',
      'open lose',
      'open refuse',
      'open withdraw',
    ])
  })

  it('[PROP-4] what is too late, too early or over is told apart', () => {
    const codeOf = (state: ProposalState, step: ProposalStep) => refuseStep(state, step)?.code
    expect(codeOf('expired', 'accept')).toBe('proposal_expired')
    expect(codeOf('expired', 'refuse')).toBe('proposal_expired')
    for (const state of ['open', 'refused', 'expired'] as const)
      expect(codeOf(state, 'declare')).toBe('proposal_not_accepted')
    for (const state of ['declared', 'declined', 'unreachable', 'withdrawn'] as const) {
      expect(codeOf(state, 'declare')).toBe('proposal_closed')
      expect(codeOf(state, 'accept')).toBe('proposal_closed')
    }
  })

  it('[PROP-7] what nobody answered is over at its instant, and only that', () => {
    const ends = plus(NOON, 5)
    for (const state of PROPOSAL_STATES)
      for (const offset of [-1, 0, 1])
        expect(stateOf({ state, answerBy: ends }, plus(ends, offset))).toBe(
          state === 'open' && offset >= 0 ? 'expired' : state,
        )
  })

  it('[PROP-6] a refusal and a silence count and exclude, the patient’s no excludes, the rest does neither', () => {
    const of = (isIt: (step: ProposalStep, state: ProposalState) => boolean) =>
      steps.flatMap((step) =>
        PROPOSAL_TRANSITIONS[step].from
          .filter((state) => state !== 'none')
          .filter((state) => isIt(step, state))
          .map((state) => `${state} ${step}`),
      )
    expect(of(isRefusal)).toEqual(['open refuse', 'open expire'])
    expect(of(isExcludedBy)).toEqual([
      'open refuse',
      'open expire',
      'open decline',
      'accepted decline',
      'accepted withdraw',
    ])
  })
})

describe('reasons', () => {
  it('[PROP-5] the closed list and nothing else', () => {
    for (const reason of REFUSAL_REASONS) expect(refuseReason(reason)).toBeNull()
    fc.assert(
      fc.property(fc.string(), (reason) => {
        fc.pre(!(REFUSAL_REASONS as readonly string[]).includes(reason))
        expect(refuseReason(reason)?.code).toBe('unlawful_reason')
      }),
      { seed: 5 },
    )
  })
})

describe('times', () => {
  const instants = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2030, 0) }).map((ms) => instant(ms))

  it('[PROP-7] the days to answer end at the same time on the clock, and come after the reminder', () => {
    fc.assert(
      fc.property(
        instants,
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom<Zone>('Europe/Paris', 'Indian/Reunion', 'America/Miquelon'),
        (now, days, zone) => {
          const times = timesOf({ answerDays: days + 1, reminderDays: days }, now, zone)
          const elapsed = times.answerBy - now - (days + 1) * DAY
          expect(Math.abs(elapsed)).toBeLessThanOrEqual(60 * 60_000)
          expect(times.remindAt).toBeGreaterThan(now)
          expect(times.answerBy).toBeGreaterThan(times.remindAt)
          const clock = (at: Instant) => toLocal(at, zone).slice(11)
          // In spring an hour of the clock never comes; then it is the next.
          if (clock(times.answerBy) !== clock(now)) expect(clock(times.answerBy) > clock(now)).toBe(true)
          expect(times.answerBy % 60_000).toBe(now % 60_000)
        },
      ),
      { seed: 7, numRuns: 500 },
    )
  })

  it('[PROP-7] where the hour never changes, a day is 24 hours, to the millisecond', () => {
    expect(timesOf({ answerDays: 7, reminderDays: 4 }, NOON, 'Indian/Reunion')).toEqual({
      answerBy: plus(NOON, 7 * DAY),
      remindAt: plus(NOON, 4 * DAY),
    })
  })

  it('[PROP-12] sixty days after it was accepted somebody has to look, unless it is declared', () => {
    const after = (days: number, state: ProposalState) =>
      isStale({ state, answeredAt: NOON }, plus(NOON, days * DAY))
    expect([after(59, 'accepted'), after(60, 'accepted'), after(61, 'accepted')]).toEqual([false, true, true])
    expect(after(90, 'declared')).toBe(false)
    expect(isStale({ state: 'open', answeredAt: null }, NOON)).toBe(false)
  })
})

describe('what a proposal tells', () => {
  it('[PROP-1] everybody is in one band, and older people never in an earlier one', () => {
    const today = getLocalDate('2026-11-23')
    fc.assert(
      fc.property(
        fc.integer({ min: 1900, max: 2026 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 300 }),
        (year, month, later) => {
          const first = (of: number) =>
            `${year + Math.floor(of / 12)}-${String(1 + (of % 12)).padStart(2, '0')}-01` as LocalDate
          const [older, younger] = [first(month - 1), first(month - 1 + later)]
          fc.pre(younger <= today)
          const place = (born: LocalDate) => AGE_BANDS.indexOf(ageBandOf(born, today))
          expect(place(older)).toBeGreaterThanOrEqual(place(younger))
        },
      ),
      { seed: 11 },
    )
    const bandOf = (born: string) => ageBandOf(getLocalDate(born), today)
    expect(bandOf('2023-11-24')).toBe('0-2')
    expect(bandOf('2023-11-23')).toBe('3-17')
    expect(bandOf('1946-11-23')).toBe('80+')
  })

  it('[PROP-2] who sees a proposal, and who sees the people of it', () => {
    const own = { practitionerId: 'prac_1', communityId: 'cpts_1' }
    const actor = (role: 'admin' | 'coordinator' | 'practitioner' | 'regulator' | 'auditor', id: string) =>
      ({ kind: 'key', keyId: 'k', role, communityIds: [`cpts_${id}`], practitionerId: `prac_${id}` }) as const
    const sees = (role: Parameters<typeof actor>[0], id: string) => maySeeProposal(actor(role, id), own)
    expect([sees('admin', '2'), sees('coordinator', '1'), sees('practitioner', '1')]).toEqual([
      true,
      true,
      true,
    ])
    expect([sees('coordinator', '2'), sees('practitioner', '2')]).toEqual([false, false])
    expect([sees('regulator', '1'), sees('auditor', '1')]).toEqual([false, false])
    expect(
      PROPOSAL_STATES.filter((state) => maySeeHousehold(actor('practitioner', '1'), own, state)),
    ).toEqual(['accepted', 'declared'])
    for (const other of [actor('admin', '1'), actor('coordinator', '1'), actor('practitioner', '2')])
      expect(maySeeHousehold(other, own, 'accepted')).toBe(false)
    expect(maySeeHousehold({ kind: 'system', name: 'tick' }, own, 'accepted')).toBe(false)
  })
})

describe('declarations', () => {
  it('[PROP-10] a declaration is dated from the day of the proposal to today', () => {
    const days = { sentOn: getLocalDate('2026-11-20'), today: getLocalDate('2026-11-23') }
    const codeOf = (day: string) => refuseDeclaredOn(getLocalDate(day), days)?.code
    expect(['2026-11-20', '2026-11-21', '2026-11-23'].map(codeOf)).toEqual([undefined, undefined, undefined])
    expect(['2026-11-19', '2026-11-24'].map(codeOf)).toEqual(['invalid_interval', 'invalid_interval'])
  })
})
