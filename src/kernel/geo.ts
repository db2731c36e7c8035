export interface Position {
  readonly lat: number
  readonly lon: number
}

/** Mean radius of the Earth in kilometres (IUGG R1). */
const EARTH_RADIUS_KM = 6371.0088

const radians = (degrees: number) => (degrees * Math.PI) / 180

/** Great-circle distance in kilometres between two WGS 84 positions in degrees (haversine). */
export const distanceKm = (a: Position, b: Position): number => {
  const sinLat = Math.sin(radians(b.lat - a.lat) / 2)
  const sinLon = Math.sin(radians(b.lon - a.lon) / 2)
  const h = sinLat ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * sinLon ** 2
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)))
}

export interface Box {
  readonly south: number
  readonly north: number
  readonly west: number
  readonly east: number
}

/**
 * A box of latitudes and longitudes that holds every position within `radiusKm` of `centre`: a cheap first
 * filter before `distanceKm`. Holds away from the poles and from the 180th meridian, so in every French territory.
 */
export const boxAround = (centre: Position, radiusKm: number): Box => {
  const angle = radiusKm / EARTH_RADIUS_KM
  const dLat = (angle * 180) / Math.PI
  const dLon = (Math.asin(Math.min(1, Math.sin(angle) / Math.cos(radians(centre.lat)))) * 180) / Math.PI
  const margin = 1e-9
  return {
    south: centre.lat - dLat - margin,
    north: centre.lat + dLat + margin,
    west: centre.lon - dLon - margin,
    east: centre.lon + dLon + margin,
  }
}
