import { plus, SECOND, type Instant } from '../../../kernel/time.ts'

/** How a territory asks, by its own data (ENSUS-1). */
export interface CascadeRules {
  /** How long a wave is alone to be asked. */
  readonly waveSeconds: number
  /** How many GPs the wave of the nearest has. */
  readonly nearestCount: number
  /** Around the centre of the patient's commune. */
  readonly radiusKm: number
}

/** Until a territory says otherwise: three minutes a wave, the five nearest, ten kilometres. */
export const DEFAULT_RULES: CascadeRules = { waveSeconds: 180, nearestCount: 5, radiusKm: 10 }

/** The patient's own GP, then the nearest, then all the others (DOMAIN §2). */
export const WAVES = { mt: 1, nearest: 2, all: 3 } as const

/** A GP who takes patients en sus, and how far the nearest of their sites is. */
export interface Askable {
  readonly practitionerId: string
  readonly km: number
}

export interface Ask extends Askable {
  readonly wave: number
  readonly askedFrom: Instant
}

export interface Cascade {
  readonly asks: readonly Ask[]
  /** When the last wave runs out; at once when there is nobody to ask. */
  readonly expiresAt: Instant
}

/** The nearest of each practitioner's places, nearest first; ties by id. */
export const nearestFirst = (places: readonly Askable[]): Askable[] => {
  const nearest = new Map<string, number>()
  for (const { practitionerId, km } of places)
    nearest.set(practitionerId, Math.min(km, nearest.get(practitionerId) ?? Infinity))
  return [...nearest]
    .map(([practitionerId, km]) => ({ practitionerId, km }))
    .sort((a, b) => a.km - b.km || (a.practitionerId < b.practitionerId ? -1 : 1))
}

/**
 * Whom a request asks and from when on (ENSUS-2): each GP once, in the first wave that they are of. A wave begins when
 * the one before runs out, and one with nobody in it takes no time. `nearby` is nearest first.
 */
export const planCascade = (
  mt: Askable | undefined,
  nearby: readonly Askable[],
  rules: CascadeRules,
  now: Instant,
): Cascade => {
  const others = nearby.filter(({ practitionerId }) => practitionerId !== mt?.practitionerId)
  const waves = [
    { wave: WAVES.mt, members: mt ? [mt] : [] },
    { wave: WAVES.nearest, members: others.slice(0, rules.nearestCount) },
    { wave: WAVES.all, members: others.slice(rules.nearestCount) },
  ].filter(({ members }) => members.length > 0)
  const beginOf = (place: number) => plus(now, place * rules.waveSeconds * SECOND)
  return {
    asks: waves.flatMap(({ wave, members }, place) =>
      members.map(({ practitionerId, km }) => ({ practitionerId, km, wave, askedFrom: beginOf(place) })),
    ),
    expiresAt: beginOf(waves.length),
  }
}
