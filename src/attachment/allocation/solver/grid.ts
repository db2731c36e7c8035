import { boxAround, type Position } from '../../../kernel/geo.ts'

/** Beyond this the box around a position is not worth its trouble. */
const FAR_KM = 1000

/** Positions by cells of a grid, so that those near somewhere are found without looking at all. */
export class Grid {
  private readonly south: number
  private readonly west: number
  private readonly height: number
  private readonly width: number
  private readonly side: number
  private readonly cells: number[][]

  constructor(positions: readonly Position[]) {
    this.side = Math.max(1, Math.ceil(Math.sqrt(positions.length)))
    const lats = positions.map(({ lat }) => lat)
    const lons = positions.map(({ lon }) => lon)
    this.south = lats.reduce((a, b) => Math.min(a, b), 90)
    this.west = lons.reduce((a, b) => Math.min(a, b), 180)
    const north = lats.reduce((a, b) => Math.max(a, b), this.south)
    const east = lons.reduce((a, b) => Math.max(a, b), this.west)
    this.height = Math.max((north - this.south) / this.side, 1e-6)
    this.width = Math.max((east - this.west) / this.side, 1e-6)
    this.cells = Array.from({ length: this.side * this.side }, () => [])
    positions.forEach(({ lat, lon }, i) => this.cells[this.row(lat) * this.side + this.column(lon)]!.push(i))
  }

  /** Numbers of all positions within the radius, and some others. */
  near(centre: Position, radiusKm: number, into: number[]): void {
    into.length = 0
    const box =
      radiusKm > FAR_KM ? { south: -90, north: 90, west: -180, east: 180 } : boxAround(centre, radiusKm)
    const last = this.column(box.east)
    const top = this.row(box.north)
    for (let row = this.row(box.south); row <= top; row++)
      for (let column = this.column(box.west); column <= last; column++)
        for (const i of this.cells[row * this.side + column]!) into.push(i)
  }

  private row(lat: number): number {
    return this.clamp((lat - this.south) / this.height)
  }

  private column(lon: number): number {
    return this.clamp((lon - this.west) / this.width)
  }

  private clamp(cell: number): number {
    return Math.max(0, Math.min(this.side - 1, Math.floor(cell)))
  }
}
