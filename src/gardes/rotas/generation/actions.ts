import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import { plus, type Instant } from '../../../kernel/time.ts'
import { practitionersAmong } from '../../../members/actions.ts'
import { syncDutySlots } from '../../duty-slots/actions.ts'
import { generate, type Progress, type Rota } from '../../solver/generate.ts'
import type { Cell, Problem } from '../../solver/model.ts'
import { getManagedRota, moveRota, recordVersion, setTitulaire, type RotaRow } from '../actions.ts'
import { loadMaterial } from '../problem/actions.ts'
import { inputHash, problemOf, type Material } from '../problem/rules.ts'
import { isPublic, type PlaceChange } from '../rules.ts'
import { refuseGeneration, viewOfRota, type GenerationView } from './rules.ts'
import * as store from './store.ts'
import { TIME_LIMIT } from './vocabulary.ts'

export { GENERATION_RUNNING } from './rules.ts'
export type { GenerationView } from './rules.ts'
export type { Progress } from '../../solver/generate.ts'

export interface GenerationInput {
  readonly seed?: number | undefined
  readonly keepAssigned?: boolean | undefined
  readonly timeLimitMs?: number | undefined
}

export interface GenerationResult extends GenerationView {
  readonly seed: number
  /** Who does what else than was published. */
  readonly changedFrom?: PlaceChange[]
}

/** What is kept of a generation: what was shown, and the places that it filled. */
interface Kept {
  readonly shown: GenerationResult
  readonly cells: readonly Omit<Cell, 'locked'>[]
}

/** What the last generation filled by itself is no input of the next, so that the same input gives the same rota again. */
const filledBefore = (ctx: Ctx, rotaId: string): ReadonlySet<string> => {
  const kept = store.findGeneration(ctx.db, rotaId)?.result as Kept | null | undefined
  return new Set(kept?.cells.map(keyOf) ?? [])
}

const keyOf = (cell: { readonly shiftId: string; readonly place: number; readonly personId: string }) =>
  `${cell.shiftId}/${cell.place}/${cell.personId}`

interface Input {
  readonly rota: RotaRow
  readonly material: Material
  readonly problem: Problem
}

/** A rota as the solver takes it; when it is published, all that is published stands where it can. */
const loadInput = (ctx: Ctx, rotaId: string, input: GenerationInput): Input => {
  const rota = getManagedRota(ctx, rotaId)
  unlessRefused(refuseGeneration(rota))
  const material = loadMaterial(ctx, rotaId)
  const { seed = 0, keepAssigned = true } = input
  const filled = filledBefore(ctx, rotaId)
  const published = isPublic(rota.state) ? { now: ctx.now } : null
  const problem = problemOf(material, {
    seed,
    published,
    isDropped: ({ shiftId, place, titulaireId }) =>
      published === null &&
      (!keepAssigned || filled.has(keyOf({ shiftId, place, personId: titulaireId ?? '' }))),
  })
  return { rota, material, problem }
}

export interface Prepared {
  readonly problem: Problem
  readonly hash: string
  readonly startedAt: Instant
  readonly endsBy: Instant
}

/** Reads all that a rota is made from. */
export const prepareGeneration = (
  ctx: Ctx,
  rotaId: string,
  input: GenerationInput,
  ifMatch: number | undefined,
): Prepared => {
  const { rota, problem } = loadInput(ctx, rotaId, input)
  unlessRefused(refuseStale(rota.version, ifMatch))
  return {
    problem,
    hash: inputHash(problem),
    startedAt: ctx.now,
    endsBy: plus(ctx.now, input.timeLimitMs ?? TIME_LIMIT.usual),
  }
}

export interface Thought {
  readonly prepared: Prepared
  readonly found: Rota
  readonly isStopped: boolean
}

/** Runs the solver a slice at a time, with a pause after each, until it is done or its time is up. */
export const think = async (
  prepared: Prepared,
  pause: () => Promise<Instant>,
  report: (progress: Progress) => void,
): Promise<Thought> => {
  let isStopped = false
  const work = generate(prepared.problem, () => isStopped)
  for (;;) {
    const next = work.next()
    if (next.done) return { prepared, found: next.value, isStopped }
    report(next.value)
    isStopped = (await pause()) >= prepared.endsBy
  }
}

/** Writes what was found to the places that were free to be given, and says what that changes. */
const writeCells = (ctx: Ctx, { material, problem }: Input, found: Rota): PlaceChange[] => {
  const holders = new Map(found.cells.map((cell) => [`${cell.shiftId}/${cell.place}`, cell]))
  const fixed = new Set(
    problem.cells.filter((cell) => cell.locked).map(({ shiftId, place }) => `${shiftId}/${place}`),
  )
  return material.places.flatMap((place) => {
    const key = `${place.shiftId}/${place.place}`
    const to = holders.get(key)?.personId ?? null
    if (fixed.has(key) || place.titulaireId === to) return []
    const change = { shiftId: place.shiftId, place: place.place, from: place.titulaireId, to }
    setTitulaire(ctx, change)
    return [change]
  })
}

const namesOf = (ctx: Ctx, ids: readonly string[]) => {
  const names = new Map(practitionersAmong(ctx, ids).map((one) => [one.id, `${one.given} ${one.family}`]))
  return (id: string) => names.get(id) ?? id
}

/**
 * Writes what was found, with one event, if all that it was made from is still as it was; otherwise undefined, and
 * nothing is written. A published rota gets a new version.
 */
export const finishGeneration = (
  ctx: Ctx,
  rotaId: string,
  input: GenerationInput,
  { prepared, found, isStopped }: Thought,
): GenerationResult | undefined => {
  const loaded = loadInput(ctx, rotaId, input)
  if (inputHash(loaded.problem) !== prepared.hash) return undefined
  const { rota, material, problem } = loaded
  const changes = writeCells(ctx, loaded, found)
  const nameOf = namesOf(
    ctx,
    problem.people.map((person) => person.id),
  )
  const limits = { isStopped, restHours: material.sector.restHours }
  const published = isPublic(rota.state)
  const shown: GenerationResult = {
    ...viewOfRota(found, limits, nameOf),
    seed: problem.seed,
    ...(published ? { changedFrom: changes } : {}),
  }
  const fixed = new Set(problem.cells.filter((cell) => cell.locked).map(keyOf))
  const kept: Kept = {
    shown,
    cells: found.cells.filter((cell) => !fixed.has(keyOf(cell))).map(({ locked: _, ...cell }) => cell),
  }
  store.keepGeneration(ctx.db, {
    rotaId,
    state: isStopped ? 'stopped' : 'done',
    seed: problem.seed,
    steps: found.steps,
    planned: found.planned,
    inputHash: prepared.hash,
    result: { ...kept },
    startedAt: prepared.startedAt,
    finishedAt: ctx.now,
  })
  if (!published) moveRota(ctx, rota, 'generated')
  else if (changes.length > 0) {
    recordVersion(ctx, rotaId, 'regenerated')
    syncDutySlots(ctx, [...new Set(changes.map(({ shiftId }) => shiftId))])
  }
  const counts = { filled: shown.filled, unfilled: shown.unfilled.length, optimal: shown.optimal }
  if (published)
    append(ctx, {
      type: 'rota.changed',
      subject: rotaId,
      data: {
        sectorId: rota.sectorId,
        state: rota.state,
        reason: 'regenerated',
        changes: changes.length,
        practitionerIds: [...new Set(changes.flatMap(({ from, to }) => [from, to]))].filter(
          (id) => id !== null,
        ),
        ...counts,
      },
    })
  else
    append(ctx, {
      type: 'rota.generated',
      subject: rotaId,
      data: { sectorId: rota.sectorId, seed: problem.seed, ...counts },
    })
  return shown
}

export interface LastGeneration {
  readonly state: store.GenerationRow['state']
  readonly steps: number
  readonly planned: number
  readonly unfilled: number
  readonly startedAt: Instant
  readonly finishedAt: Instant | null
  readonly result: GenerationResult | null
}

/** The last generation of a rota that came to its end, for who may start one. */
export const findLastGeneration = (ctx: Ctx, rotaId: string): LastGeneration | undefined => {
  getManagedRota(ctx, rotaId)
  const row = store.findGeneration(ctx.db, rotaId)
  if (!row) return undefined
  const kept = row.result as Kept | null
  return {
    state: row.state,
    steps: row.steps,
    planned: row.planned,
    unfilled: kept?.shown.unfilled.length ?? 0,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    result: kept?.shown ?? null,
  }
}
