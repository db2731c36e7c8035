import { EQUITY_CLASSES, type EquityClass } from '../../vocabulary.ts'

/** One person's part of one class in one earlier rota. */
export interface EarlierPart {
  readonly rotaId: string
  readonly practitionerId: string
  readonly class: string
  readonly amount: number
}

/**
 * What each person did beyond their part in earlier rotas, by class, in thousandths of a shift: in each, what they did
 * less their weight's part of what was shared out among all who had a weight. Who was not there owes and is owed nothing,
 * and so enters at the mean (DOMAIN §3).
 */
export const carriedOver = (
  weights: readonly EarlierPart[],
  done: readonly EarlierPart[],
): Map<string, Record<string, number>> => {
  const own = (part: EarlierPart) => JSON.stringify([part.rotaId, part.class, part.practitionerId])
  const all = (part: EarlierPart) => JSON.stringify([part.rotaId, part.class])
  const weighing = new Set(weights.filter(({ amount }) => amount > 0).map(own))
  const add = (sums: Map<string, number>, key: string, amount: number) =>
    sums.set(key, (sums.get(key) ?? 0) + amount)
  const weightOfAll = new Map<string, number>()
  const doneByAll = new Map<string, number>()
  for (const part of weights) add(weightOfAll, all(part), part.amount)
  for (const part of done) if (weighing.has(own(part))) add(doneByAll, all(part), part.amount)

  const balance = new Map<string, Map<string, number>>()
  const credit = ({ practitionerId, class: name }: EarlierPart, amount: number) => {
    const ofPerson = balance.get(practitionerId) ?? new Map<string, number>()
    balance.set(practitionerId, ofPerson)
    add(ofPerson, name, amount)
  }
  for (const part of done) credit(part, part.amount)
  for (const part of weights) {
    const weight = weightOfAll.get(all(part)) ?? 0
    if (weight > 0) credit(part, -(part.amount * (doneByAll.get(all(part)) ?? 0)) / weight)
  }
  return new Map(
    [...balance].map(([id, classes]) => [
      id,
      Object.fromEntries([...classes].map(([name, amount]) => [name, Math.round(amount * 1000)])),
    ]),
  )
}

/** A line of the ledger. */
export interface LedgerEntry {
  readonly practitionerId: string
  readonly class: string
  readonly done: number
  /** Thousandths of a shift. */
  readonly carried: number
  /** Part of a full share, 0 to 1. */
  readonly weight: number
}

/** (carried + done) ÷ weight in thousandths of a shift; null for who owes nothing. */
export const ratioOf = ({ done, carried, weight }: LedgerEntry): number | null =>
  weight > 0 ? Math.round((carried + 1000 * done) / weight) : null

/** By class, the largest ratio less the smallest, in thousandths of a shift. */
export const spreadsOf = (lines: readonly LedgerEntry[]): { class: string; value: number }[] =>
  [...new Set(lines.map((line) => line.class))].map((name) => {
    const ratios = lines
      .filter((line) => line.class === name)
      .map(ratioOf)
      .filter((ratio) => ratio !== null)
    return { class: name, value: ratios.length === 0 ? 0 : Math.max(...ratios) - Math.min(...ratios) }
  })

/** Thousandths of a shift as shifts. */
export const inShifts = (thousandths: number): number => thousandths / 1000

/** A part of a full share as a percentage with two decimals. */
const inPercent = (weight: number): number => Math.round(weight * 10_000) / 100

export const asClass = (name: string): EquityClass => {
  const found = EQUITY_CLASSES.find((one) => one === name)
  if (!found) throw new Error(`no class ${name}`)
  return found
}

/** Lines by class, in the order of the classes. */
export const byClass = <T extends { readonly category: EquityClass }>(lines: readonly T[]): T[] =>
  [...lines].sort((a, b) => EQUITY_CLASSES.indexOf(a.category) - EQUITY_CLASSES.indexOf(b.category))

/** A line of the ledger as it is shown. */
export interface LedgerLine {
  readonly practitionerId: string
  readonly category: EquityClass
  readonly done: number
  readonly share: number
  readonly ratio: number | null
  readonly carried: number
}

export const linesOf = (entries: readonly LedgerEntry[]): LedgerLine[] =>
  byClass(
    entries.map((entry) => {
      const ratio = ratioOf(entry)
      return {
        practitionerId: entry.practitionerId,
        category: asClass(entry.class),
        done: entry.done,
        share: inPercent(entry.weight),
        ratio: ratio === null ? null : inShifts(ratio),
        carried: inShifts(entry.carried),
      }
    }),
  )
