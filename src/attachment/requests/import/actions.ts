import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { Refused } from '../../../kernel/refusal.ts'
import { normalisedPerson } from '../../../identities/rules.ts'
import { listCommunes } from '../../../members/actions.ts'
import { rulesOf } from '../../grid/actions.ts'
import { assertMayBringIn, findEarlier, keepRequest } from '../arrival/actions.ts'
import {
  NO_COMMUNITY,
  planImport,
  type ImportedHousehold,
  type ImportedPerson,
  type ImportPlan,
} from './rules.ts'

/** More communes than any territory has. */
const MOST_COMMUNES = 2_000

export interface Imported {
  /** Requests made, or that would be. */
  readonly created: number
  readonly people: number
  /** Lines of people who are known already: in a request, or on an earlier line. */
  readonly duplicates: readonly {
    readonly line: number
    readonly requestId?: string
    readonly firstLine?: number
  }[]
  readonly rejected: ImportPlan['rejected']
}

/** The CPTS that a file is for: the one that is named, or the only one of the actor's. */
const communityOf = (ctx: Ctx, named: string | undefined): string => {
  const own = ctx.actor.kind === 'key' ? ctx.actor.communityIds : []
  const found = named ?? (own.length === 1 ? own[0] : undefined)
  if (found === undefined) throw new Refused(NO_COMMUNITY)
  assertMayBringIn(ctx, found)
  return found
}

/**
 * Brings in the households of a CSV file, each once: somebody who is in an open request of the CPTS, or in one that the same
 * consent was given for, is not brought in again, so that the same file changes nothing the second time, but for who was
 * erased since: of them nothing is left to know them by. A dry run only tells what would come of it.
 */
export const importRequests = (
  ctx: Ctx,
  file: Uint8Array,
  named: string | undefined,
  isDryRun: boolean,
): Imported => {
  const communityId = communityOf(ctx, named)
  const plan = planImport(file, {
    now: ctx.now,
    zone: ctx.territory.zone,
    communes: listCommunes(ctx, undefined, MOST_COMMUNES).map(({ commune }) => commune),
  })
  if ('code' in plan) throw new Refused(plan)

  const rules = rulesOf(ctx, communityId)
  const firstLines = new Map<string, number>()
  const duplicates: Imported['duplicates'][number][] = []
  const isNew = (person: ImportedPerson, consent: ImportedHousehold['consent']): boolean => {
    const name = normalisedPerson(person)
    const firstLine = firstLines.get(name)
    if (firstLine !== undefined) {
      duplicates.push({ line: person.line, firstLine })
      return false
    }
    firstLines.set(name, person.line)
    const requestId = findEarlier(ctx, communityId, person, consent.at)
    if (requestId !== undefined) duplicates.push({ line: person.line, requestId })
    return requestId === undefined
  }

  let [created, people] = [0, 0]
  for (const { people: all, ...household } of plan.households) {
    const fresh = all.filter((person) => isNew(person, household.consent))
    if (fresh.length === 0) continue
    created++
    people += fresh.length
    if (isDryRun) continue
    const members = fresh.map(({ line, ...person }) => person)
    keepRequest(ctx, { ...household, communityId, members }, rules)
  }
  if (created > 0 && !isDryRun)
    append(ctx, {
      type: 'mt_requests.imported',
      subject: communityId,
      data: {
        communityId,
        created,
        people,
        duplicates: duplicates.length,
        rejected: plan.rejected.length,
        rulesVersion: rules.version,
      },
    })
  return {
    created,
    people,
    duplicates: duplicates.sort((a, b) => a.line - b.line),
    rejected: plan.rejected,
  }
}
