import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, instant, plus, WEEK, type Instant } from '../../kernel/time.ts'
import { SHIFT_RULES } from '../rotas/vocabulary.ts'
import {
  executantOf,
  expiryOf,
  isSwapShown,
  mayAccept,
  refuseBroken,
  placeMeant,
  refuseOtherDoer,
  refuseSelf,
  refuseSwapStep,
  refuseTooLate,
  rulesThatHold,
  rulesTold,
  stateOf,
  SWAP_TRANSITIONS,
  type SwapStep,
} from './rules.ts'
import { SWAP_KINDS, SWAP_STATES } from './vocabulary.ts'

const SEED = { seed: 20261122 }
const NOW = instant(Date.parse('2026-12-20T09:00:00+01:00'))
const STEPS = Object.keys(SWAP_TRANSITIONS) as SwapStep[]
const kinds = fc.constantFrom(...SWAP_KINDS)
const later = fc.integer({ min: 1, max: 30 * DAY }).map((ms) => plus(NOW, ms))
const shiftFrom = (start: Instant) => ({ start, end: plus(start, 4 * HOUR) })
const people = fc.constantFrom('prac_a', 'prac_b', 'prac_c')
const somebody = fc.option(people, { nil: null })

describe('a change that somebody asks for', () => {
  it('[SWAP-10] expires a week later, and no later than the first of its shifts begins, or an open one ends', () => {
    fc.assert(
      fc.property(kinds, fc.array(later, { minLength: 1, maxLength: 2 }), (kind, starts) => {
        const shifts = starts.map(shiftFrom)
        const at = expiryOf(kind, shifts, NOW)
        const bounds = shifts.map((shift) => (kind === 'open' ? shift.end : shift.start))
        expect(at).toBe(Math.min(NOW + WEEK, ...bounds))
      }),
      SEED,
    )
  })

  it('[SWAP-10] is expired from that instant on, unless it was settled before', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SWAP_STATES), fc.integer({ min: -DAY, max: DAY }), (state, offset) => {
        const shown = stateOf({ state, expiresAt: plus(NOW, offset) }, NOW)
        const isOpen = state === 'asked' || state === 'accepted'
        expect(shown).toBe(isOpen && offset <= 0 ? 'expired' : state)
      }),
      SEED,
    )
  })

  it('[SWAP-14] takes the steps of the table and no other; what is settled is closed', () => {
    for (const state of SWAP_STATES)
      for (const step of STEPS) {
        const from: readonly string[] = SWAP_TRANSITIONS[step].from
        const refusal = refuseSwapStep(state, step)
        expect([state, step, refusal === null]).toEqual([state, step, from.includes(state)])
        if (refusal) expect(refusal.code).toBe(state === 'asked' ? 'invalid_transition' : 'swap_closed')
      }
  })

  it('[SWAP-3][SWAP-7] is of a shift that has not begun, an open call of one that has not ended', () => {
    fc.assert(
      fc.property(kinds, fc.integer({ min: -DAY, max: DAY }), (kind, offset) => {
        const shift = shiftFrom(plus(NOW, offset))
        const isTooLate = kind === 'open' ? shift.end <= NOW : shift.start <= NOW
        expect(refuseTooLate(kind, shift, NOW)?.code).toBe(isTooLate ? 'swap_closed' : undefined)
      }),
      SEED,
    )
  })

  it('[SWAP-11] is about the person who does the place, and with somebody else', () => {
    fc.assert(
      fc.property(somebody, somebody, fc.boolean(), people, (titulaireId, executantId, isOutside, who) => {
        const outsideName = isOutside && executantId === null ? 'Dr Fictif' : null
        const doer = executantId ?? (outsideName === null ? titulaireId : null)
        const refusal = refuseOtherDoer({ titulaireId, executantId, outsideName }, who)
        expect(refusal === null).toBe(doer === who)
        expect(refuseSelf(who, doer) === null).toBe(doer !== who)
      }),
      SEED,
    )
  })

  it('[SWAP-13] means the place of who is named, otherwise the first that somebody does', () => {
    const place = (number: number, titulaireId: string | null) => ({
      place: number,
      titulaireId,
      executantId: null,
      outsideName: null,
    })
    const places = [place(3, 'b'), place(1, null), place(2, 'a')]
    expect(placeMeant(places, undefined)?.place).toBe(2)
    expect(placeMeant(places, 'b')?.place).toBe(3)
    expect(placeMeant(places, 'c')).toBeUndefined()
    expect(placeMeant([place(1, null)], undefined)).toBeUndefined()
  })

  it('[SWAP-1] writes who does it beside the titulaire, and nobody beside one who takes it back', () => {
    fc.assert(
      fc.property(somebody, people, (titulaireId, doerId) => {
        const executantId = executantOf(titulaireId, doerId)
        expect(executantId ?? titulaireId).toBe(doerId)
        expect(executantId === null).toBe(titulaireId === doerId)
      }),
      SEED,
    )
  })

  it('[SWAP-5] tells a colleague no rule that is somebody’s own, and refuses all the same', () => {
    fc.assert(
      fc.property(fc.subarray([...SHIFT_RULES]), fc.boolean(), kinds, (rules, knowsWhy, kind) => {
        const held = rulesThatHold(kind, rules)
        expect(held).toEqual(kind === 'replacement' ? rules.filter((rule) => rule !== 'membership') : rules)
        const told = rulesTold(held, knowsWhy)
        for (const rule of ['restriction', 'absence', 'busy', 'personal_cap'] as const)
          expect(told.includes(rule)).toBe(knowsWhy && held.includes(rule))
        const refusal = refuseBroken('prac_a', held, told, 'texte')
        expect(refusal === null).toBe(held.length === 0)
        if (refusal && told.length === 0) expect(refusal.detail).toContain('praticien indisponible')
      }),
      SEED,
    )
  })

  it('[SWAP-6][SWAP-12] is accepted by who was asked, or of an open call by any other of the list, who all see it', () => {
    fc.assert(
      fc.property(
        kinds,
        people,
        somebody,
        somebody,
        fc.boolean(),
        (kind, from, to, practitionerId, isMember) => {
          const swap = { kind, fromPractitionerId: from, toPractitionerId: to }
          const reader = { practitionerId, isManager: false, isMember }
          const may = mayAccept(swap, reader)
          if (may) expect(isSwapShown(swap, reader)).toBe(true)
          expect(may).toBe(
            practitionerId !== null &&
              practitionerId !== from &&
              (kind === 'open' ? isMember : practitionerId === to),
          )
          expect(isSwapShown(swap, { ...reader, isManager: true })).toBe(true)
        },
      ),
      SEED,
    )
  })
})
