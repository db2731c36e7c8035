import type { CalendarEvent } from '../../kernel/ical-writer.ts'
import type { Actor } from '../../kernel/ctx.ts'
import type { Instant } from '../../kernel/time.ts'
import { phoneText } from '../../kernel/phone.ts'
import { postOf } from '../exports/rules.ts'
import { PUBLIC_STATES, RUNNING_STATES } from '../rotas/rules.ts'
import type { RotaState } from '../rotas/vocabulary.ts'
import { mayManageSector } from '../sectors/rules.ts'
import type { RotaKind, ShiftRole } from '../vocabulary.ts'

/** How a place on duty has been since it is shown: what SEQUENCE is counted from. */
export interface PlaceHistory {
  /** When the rota was published, or made when it is not yet. */
  readonly shownAt: Instant
  /** How often somebody else came to do it since, and when last. */
  readonly changes: number
  readonly changedAt: Instant | null
}

/** A place on duty as a calendar shows it. */
export interface CalendarPlace extends PlaceHistory {
  readonly shiftId: string
  readonly place: number
  readonly label: string
  readonly role: ShiftRole
  readonly headcount: number
  readonly start: Instant
  readonly end: Instant
  readonly status: CalendarEvent['status']
  /** Who does it, null when nobody does; absent from a calendar of one’s own. */
  readonly person?: { readonly name: string; readonly phone: string | null } | null
}

/** Where a sector's gardes are, with its version: a change of it is one of each of its events. */
export interface CalendarSector {
  readonly kind: RotaKind
  readonly name: string
  readonly siteName: string | null
  readonly address: string | null
  readonly postalCode: string | null
  readonly city: string | null
  readonly version: number
}

const KIND_NAMES: Readonly<Record<RotaKind, string>> = { garde: 'Garde', snp: 'Plages dédiées' }

const isSaid = (part: string | null) => part !== null && part !== ''

/** Where to go, in one line; nothing where a sector has no place. */
export const placeText = ({
  siteName,
  address,
  postalCode,
  city,
}: Pick<CalendarSector, 'siteName' | 'address' | 'postalCode' | 'city'>): string =>
  [siteName, address, [postalCode, city].filter(isSaid).join(' ')].filter(isSaid).join(', ')

const summaryOf = (kind: RotaKind, { label, person }: CalendarPlace): string => {
  if (person === undefined) return `${KIND_NAMES[kind]} · ${label}`
  return `${label} · ${person === null ? 'à pourvoir' : person.name}`
}

/**
 * A place on duty as an event: the same UID for ever, whoever does it. SEQUENCE is counted, as that of slots is: twice the
 * changes of the place and of its sector and its publication, which only rise, and one more for whom it was taken from.
 */
export const eventOf = (place: CalendarPlace, sector: CalendarSector, territory: string): CalendarEvent => {
  const isPublished = place.status === 'TENTATIVE' ? 0 : 1
  const isCancelled = place.status === 'CANCELLED' ? 1 : 0
  return {
    uid: `${place.shiftId}-${place.place}@${territory.toLowerCase()}.urgence-du-jour`,
    createdAt: place.shownAt,
    changedAt: place.changedAt ?? place.shownAt,
    sequence: 2 * (isPublished + place.changes + sector.version - 1) + isCancelled,
    status: place.status,
    start: place.start,
    end: place.end,
    summary: summaryOf(sector.kind, place),
    description: [
      `Secteur : ${sector.name}`,
      `Poste : ${postOf(place, place.place)}`,
      ...(place.person?.phone ? [`Téléphone : ${phoneText(place.person.phone)}`] : []),
    ].join('\n'),
    location: placeText(sector) || sector.name,
    categories: [KIND_NAMES[sector.kind]],
  }
}

/** Whether somebody follows a sector's gardes: who manages it, who is on its list, and the regulation (DOMAIN §6). */
export const maySeeSector = (actor: Actor, communityIds: readonly string[], isMember: boolean): boolean =>
  mayManageSector(actor, communityIds) || isMember || (actor.kind === 'key' && actor.role === 'regulator')

/** The rotas of which somebody follows the gardes: the regulation only those to be worked (ADR 0006). */
export const statesShown = (actor: Actor): readonly RotaState[] =>
  actor.kind === 'key' && actor.role === 'regulator' ? RUNNING_STATES : PUBLIC_STATES
