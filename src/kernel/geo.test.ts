import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boxAround, distanceKm, type Position } from './geo.ts'

const PROPERTY = { seed: 20261121, numRuns: 5_000 }

const PARIS = { lat: 48.8566, lon: 2.3522 }
const MARSEILLE = { lat: 43.2965, lon: 5.3698 }

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true })
/** Latitudes and longitudes of French territories, from Miquelon and Wallis to Kerguelen, away from the 180th. */
const anyPosition = fc.record({ lat: double(-50, 52), lon: double(-178, 168) })

/** The position at `km` from `from` in the direction `bearing` (radians), on the same sphere. */
const travel = (from: Position, bearing: number, km: number): Position => {
  const angle = km / 6371.0088
  const lat = (from.lat * Math.PI) / 180
  const sin = Math.sin(lat) * Math.cos(angle) + Math.cos(lat) * Math.sin(angle) * Math.cos(bearing)
  const dLon = Math.atan2(
    Math.sin(bearing) * Math.sin(angle) * Math.cos(lat),
    Math.cos(angle) - Math.sin(lat) * sin,
  )
  return { lat: (Math.asin(sin) * 180) / Math.PI, lon: from.lon + (dLon * 180) / Math.PI }
}

describe('distance', () => {
  it('[GEO-1] is the great circle: Paris to Marseille, a degree of latitude, half the globe', () => {
    expect(distanceKm(PARIS, MARSEILLE)).toBeCloseTo(660.5, 0)
    expect(distanceKm({ lat: 0, lon: 0 }, { lat: 1, lon: 0 })).toBeCloseTo(111.195, 2)
    expect(distanceKm({ lat: 0, lon: 0 }, { lat: 0, lon: 180 })).toBeCloseTo(Math.PI * 6371.0088, 6)
    expect(distanceKm(PARIS, PARIS)).toBe(0)
  })

  it('[GEO-1] is symmetric, and arriving after `km` is at `km`', () => {
    fc.assert(
      fc.property(anyPosition, double(0, 2 * Math.PI), double(0, 300), (from, bearing, km) => {
        const to = travel(from, bearing, km)
        expect(distanceKm(from, to)).toBeCloseTo(km, 5)
        expect(distanceKm(to, from)).toBe(distanceKm(from, to))
      }),
      PROPERTY,
    )
  })
})

describe('box', () => {
  it('[GEO-2] holds every position within the radius', () => {
    fc.assert(
      fc.property(
        anyPosition,
        double(0, 2 * Math.PI),
        double(0, 300),
        double(0, 1),
        (centre, bearing, km, part) => {
          const box = boxAround(centre, km)
          const { lat, lon } = travel(centre, bearing, km * part)
          expect(lat >= box.south && lat <= box.north && lon >= box.west && lon <= box.east).toBe(true)
        },
      ),
      PROPERTY,
    )
  })

  it('[GEO-2] is tight: its four sides are at the radius', () => {
    const box = boxAround(PARIS, 50)
    expect(distanceKm(PARIS, { lat: box.north, lon: PARIS.lon })).toBeCloseTo(50, 3)
    expect(distanceKm(PARIS, { lat: box.south, lon: PARIS.lon })).toBeCloseTo(50, 3)
    const widest = distanceKm(PARIS, { lat: PARIS.lat, lon: box.east })
    expect(widest).toBeGreaterThan(50)
    expect(widest).toBeLessThan(50.01)
    expect(box.east - PARIS.lon).toBeCloseTo(PARIS.lon - box.west, 9)
  })
})
