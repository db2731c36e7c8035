import type { Ctx } from '../../../db/db.ts'
import type { Api } from '../../../edge/http.ts'
import { totalsOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

type Step = <T>(fn: (ctx: Ctx) => T) => Promise<T>

export const explanationRoutes = (api: Api): void => {
  // Whoever asks one question about an allocation asks several.
  let last: actions.Opened | undefined

  const open = async (step: Step, id: string): Promise<actions.Opened> => {
    const key = await step((ctx) => actions.keyOf(ctx, id))
    if (last?.key === key) return last
    const read = await step((ctx) => actions.readAllocation(ctx, id))
    return (last = await actions.openAllocation(read, () => step(() => undefined)))
  }

  api.onSteps(contract.explainAllocation, async (step, { params, query }) => {
    const opened = await open(step, params.id)
    const { candidates, parties, ...view } = await step((ctx) => actions.explain(ctx, opened, query.request))
    return {
      ...view,
      candidates: candidates.map(({ members, constraints, ...one }) => ({
        ...one,
        members: [...members],
        constraints: [...constraints],
      })),
      parties: parties.map(({ saturation, ...one }) => ({
        ...one,
        members: [...one.members],
        funnel: [...one.funnel],
        lifting: [...one.lifting],
        saturation: saturation && { ...saturation, practitioners: [...saturation.practitioners] },
        helps: [...one.helps],
        partly: [...one.partly],
      })),
    }
  })

  const changesOut = ({ moved, placed, unplaced, km }: actions.ComparisonView) => ({
    moved: [...moved],
    placed: [...placed],
    unplaced: [...unplaced],
    km,
  })

  api.onSteps(contract.whatIfAllocation, async (step, { params, query }) => {
    const opened = await open(step, params.id)
    const view = await step(() => actions.whatIf(opened, query.request, query.practitioner))
    return { forbidden: view.forbidden, ...changesOut(view), text: view.text }
  })

  api.on(contract.compareAllocations, (ctx, { params, query }) => {
    const { before, after, text, ...view } = actions.compareAllocations(ctx, params.id, query.with)
    return { ...changesOut(view), text, before: totalsOut(before), after: totalsOut(after) }
  })
}
