import { findMisfit, nearestKm } from './eligibility.ts'
import { Grid } from './grid.ts'
import { CONSTRAINTS, type Constraint, type Doctor, type Household, type Member } from './model.ts'

const NUMBER_OF = new Map<Constraint, number>(CONSTRAINTS.map((constraint, i) => [constraint, i]))

const numberOf = (constraint: Constraint) => NUMBER_OF.get(constraint)!

/** Finds whom nothing keeps from people that are placed as one, without asking everybody. */
export class Finder {
  /** Practitioners by number, and how far they are: of the last search. */
  readonly found: number[] = []
  readonly km: number[] = []
  /** How many each constraint takes away, in the order of asking: likewise. */
  readonly away = new Int32Array(CONSTRAINTS.length)
  private readonly doctors: readonly Doctor[]
  private readonly numberOf: ReadonlyMap<string, number>
  private readonly siteDoctor: number[] = []
  private readonly grid: Grid
  private readonly closed = new Int32Array(CONSTRAINTS.length)
  private readonly open: number
  private readonly seen: Int32Array
  private readonly sites: number[] = []
  private round = 0

  constructor(doctors: readonly Doctor[]) {
    this.doctors = doctors
    this.numberOf = new Map(doctors.map(({ id }, d) => [id, d]))
    const open = [...doctors.keys()].filter((d) => doctors[d]!.closed === null)
    const positions = open.flatMap((d) => doctors[d]!.sites.map(({ at }) => (this.siteDoctor.push(d), at)))
    for (const { closed } of doctors)
      if (closed !== null) this.closed[numberOf(closed)] = this.closed[numberOf(closed)]! + 1
    this.open = open.length
    this.grid = new Grid(positions)
    this.seen = new Int32Array(doctors.length)
  }

  search(household: Household, party: readonly Member[]): void {
    const { doctors, seen, found, away } = this
    const round = ++this.round
    found.length = 0
    this.km.length = 0
    away.set(this.closed)
    let asked = 0
    for (const id of household.excluded) {
      const d = this.numberOf.get(id)
      if (d === undefined || doctors[d]!.closed !== null || seen[d] === round) continue
      seen[d] = round
      this.note('excluded')
      asked++
    }
    this.grid.near(household.at, household.maxKm, this.sites)
    for (const site of this.sites) {
      const d = this.siteDoctor[site]!
      if (seen[d] === round) continue
      seen[d] = round
      const doctor = doctors[d]!
      const km = nearestKm(household, doctor)
      if (km > household.maxKm || km > (doctor.maxKm ?? Infinity)) continue
      asked++
      const misfit = findMisfit(household, party, doctor)
      if (misfit !== null) this.note(misfit)
      else {
        found.push(d)
        this.km.push(km)
      }
    }
    away[numberOf('distance')] = this.open - asked
  }

  private note(constraint: Constraint): void {
    const i = numberOf(constraint)
    this.away[i] = this.away[i]! + 1
  }
}
