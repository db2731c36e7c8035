import type { Ctx } from '../../../db/db.ts'
import { orAbsent, Refused, unlessRefused } from '../../../kernel/refusal.ts'
import { practitionersAmong } from '../../../members/actions.ts'
import { getAllocationRow, getDetail, getSolution, summaryOf, type AllocationSummary } from '../actions.ts'
import { NOT_IN_RUN } from '../rules.ts'
import { compare } from '../solver/compare.ts'
import type { Problem } from '../solver/model.ts'
import { opening, type Session } from '../solver/session.ts'
import type { Solution } from '../solver/solution.ts'
import {
  comparisonOf,
  explanationOf,
  refuseOther,
  textOfComparison,
  whatIfOf,
  type ComparisonView,
  type ExplanationView,
  type NameOf,
  type WhatIfView,
} from './rules.ts'

export type { ComparisonView } from './rules.ts'

/** An allocation as it was read, in this version of it. */
export interface Read {
  readonly key: string
  readonly problem: Problem
  readonly solution: Solution
}

/** One that can be asked questions. */
export interface Opened extends Read {
  readonly session: Session
}

/** What tells this version of an allocation, if it is the actor's to see. */
export const keyOf = (ctx: Ctx, id: string): string => `${id}/${getAllocationRow(ctx, id).version}`

export const readAllocation = (ctx: Ctx, id: string): Read => ({ key: keyOf(ctx, id), ...getDetail(ctx, id) })

/** Takes up an allocation where it was left, with a pause after each slice. */
export const openAllocation = async (read: Read, pause: () => Promise<unknown>): Promise<Opened> => {
  const slices = opening(read.problem, read.solution)
  for (;;) {
    const slice = slices.next()
    if (slice.done) return { ...read, session: slice.value }
    await pause()
  }
}

const namesIn = (ctx: Ctx, { doctors }: Problem): NameOf => {
  const rows = practitionersAmong(
    ctx,
    doctors.map(({ id }) => id),
  )
  const names = new Map(rows.map(({ id, given, family }) => [id, `${given} ${family}`]))
  return (id) => names.get(id) ?? id
}

/** Why a request is where it is, or nowhere, as the allocation saw it then. */
export const explain = (
  ctx: Ctx,
  { problem, solution, session }: Opened,
  requestId: string,
): ExplanationView => {
  const parties = session.explain(requestId)
  if (!parties) throw new Refused(NOT_IN_RUN)
  return explanationOf(problem, solution, parties, namesIn(ctx, problem))
}

/** What would change if a request were with a practitioner; nothing does. */
export const whatIf = (
  { problem, session }: Opened,
  requestId: string,
  practitionerId: string,
): WhatIfView => {
  if (!problem.households.some(({ id }) => id === requestId)) throw new Refused(NOT_IN_RUN)
  return whatIfOf(requestId, orAbsent(session.whatIf(requestId, practitionerId), 'Praticien'))
}

export interface AllocationComparison extends ComparisonView {
  readonly before: AllocationSummary
  readonly after: AllocationSummary
  readonly text: string
}

/** What an allocation changes against another of the same CPTS. */
export const compareAllocations = (ctx: Ctx, id: string, otherId: string): AllocationComparison => {
  const [after, before] = [getAllocationRow(ctx, id), getAllocationRow(ctx, otherId)]
  unlessRefused(refuseOther(after, before))
  const view = comparisonOf(compare(getSolution(ctx, otherId), getSolution(ctx, id)))
  return { ...view, before: summaryOf(before), after: summaryOf(after), text: textOfComparison(view) }
}
