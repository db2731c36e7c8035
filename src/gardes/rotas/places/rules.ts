import type { Refusal } from '../../../kernel/refusal.ts'
import type { RotaState, ShiftRule } from '../vocabulary.ts'

/** A closed rota is what was sent to be paid. */
export const refusePlacing = (state: RotaState): Refusal | null =>
  state === 'closed' ? { code: 'invalid_transition', detail: 'Le tableau est clos.', facts: { state } } : null

/** Refuses somebody whom hard rules keep from a shift, unless who answers for the sector says why they take it all the same. */
export const refuseBroken = (
  rules: readonly ShiftRule[],
  text: string,
  override: string | undefined,
): Refusal | null =>
  rules.length === 0 || override !== undefined
    ? null
    : {
        code: 'rule_broken',
        detail: `Ce praticien ne peut pas prendre cette garde : ${text}.`,
        facts: { rules: [...rules] },
        path: ['practitionerId'],
      }
