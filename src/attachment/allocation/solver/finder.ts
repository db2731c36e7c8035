import { findMisfit, nearestKm } from './eligibility.ts'
import { Grid } from './grid.ts'
import { CONSTRAINTS, type Constraint, type Doctor, type Household, type Member } from './model.ts'
import type { Reason } from './solution.ts'

/** Finds who takes part, is not excluded and is near enough, without asking everybody. */
export class Finder {
  /** By number, and how far each of them is: of the last search. */
  readonly doctors: number[] = []
  readonly km: number[] = []
  private readonly all: readonly Doctor[]
  private readonly numberOf: ReadonlyMap<string, number>
  private readonly siteDoctor: number[] = []
  private readonly grid: Grid
  private readonly closed: ReadonlyMap<Constraint, number>
  private readonly open: number
  private readonly seen: Int32Array
  private readonly sites: number[] = []
  private round = 0

  constructor(doctors: readonly Doctor[]) {
    this.all = doctors
    this.numberOf = new Map(doctors.map(({ id }, d) => [id, d]))
    const closed = new Map<Constraint, number>()
    const positions = doctors.flatMap((doctor, d) => {
      if (doctor.closed !== null) closed.set(doctor.closed, (closed.get(doctor.closed) ?? 0) + 1)
      return doctor.closed === null ? doctor.sites.map(({ at }) => (this.siteDoctor.push(d), at)) : []
    })
    this.closed = closed
    this.open = doctors.filter((doctor) => doctor.closed === null).length
    this.grid = new Grid(positions)
    this.seen = new Int32Array(doctors.length)
  }

  /** Finds those for a household: `doctors` and `km` hold them until the next search. */
  search(household: Household): void {
    const round = ++this.round
    for (const id of household.excluded) {
      const d = this.numberOf.get(id)
      if (d !== undefined) this.seen[d] = round
    }
    this.doctors.length = 0
    this.km.length = 0
    this.grid.near(household.at, household.maxKm, this.sites)
    for (const site of this.sites) {
      const d = this.siteDoctor[site]!
      if (this.seen[d] === round) continue
      this.seen[d] = round
      const doctor = this.all[d]!
      const km = nearestKm(household, doctor)
      if (km > household.maxKm || km > (doctor.maxKm ?? Infinity)) continue
      this.doctors.push(d)
      this.km.push(km)
    }
  }

  /** How many practitioners each constraint takes away from people that are placed as one, in the order of asking. */
  funnel(household: Household, party: readonly Member[]): { funnel: Reason[]; left: number } {
    const counts = new Map(this.closed)
    let left = 0
    this.search(household)
    for (const doctor of this.doctors) {
      const misfit = findMisfit(household, party, this.all[doctor]!)
      if (misfit === null) left++
      else counts.set(misfit, (counts.get(misfit) ?? 0) + 1)
    }
    const excluded = new Set(household.excluded.filter((id) => this.isOpen(id))).size
    counts.set('excluded', excluded)
    counts.set('distance', this.open - excluded - this.doctors.length)
    const funnel = CONSTRAINTS.flatMap((constraint) => {
      const practitioners = counts.get(constraint) ?? 0
      return practitioners === 0 ? [] : [{ constraint, practitioners }]
    })
    return { funnel, left }
  }

  private isOpen(id: string): boolean {
    const d = this.numberOf.get(id)
    return d !== undefined && this.all[d]!.closed === null
  }
}
