import { and, eq, sql } from 'drizzle-orm'
import { inJson, prepared, type Db } from '../../db/db.ts'
import type { LocalDate } from '../../kernel/civil.ts'
import type { Instant } from '../../kernel/time.ts'
import { practitioners, sites } from '../../members/tables.ts'
import { rotas, shiftPlaces, shifts } from '../rotas/tables.ts'
import type { RotaKind } from '../vocabulary.ts'
import { sectorCommunes, sectorCommunities, sectorMembers, sectors } from '../sectors/tables.ts'

const p = sql.placeholder

/** Rotas that say who is on duty. A draft says nothing yet. */
const isPublic = sql`${rotas.state} in ('published', 'in_force', 'performed', 'closed')`

/** Whoever does a place: who stands in for the one planned, or else that one. Nobody from here when it is an outside person. */
const doer = sql<string | null>`case when ${shiftPlaces.outsideName} is not null then null
  else coalesce(${shiftPlaces.executantId}, ${shiftPlaces.titulaireId}) end`

// `cross join` keeps the sectors outermost: the shifts of each are one seek by start.
const queries = prepared((db: Db) => ({
  sectorsOf: db
    .select({ id: sectorCommunes.sectorId })
    .from(sectorCommunes)
    .innerJoin(sectors, eq(sectors.id, sectorCommunes.sectorId))
    .where(and(eq(sectorCommunes.insee, p('insee')), eq(sectors.kind, p('kind'))))
    .prepare(),
  every: db
    .select({ id: sectors.id })
    .from(sectors)
    .where(eq(sectors.kind, p('kind')))
    .prepare(),
  managed: db
    .select({ id: sectorCommunities.sectorId })
    .from(sectorCommunities)
    .where(inJson(sectorCommunities.communityId, 'communityIds'))
    .prepare(),
  listedIn: db
    .select({ id: sectorMembers.sectorId })
    .from(sectorMembers)
    .where(
      sql`${sectorMembers.practitionerId} = ${p('practitionerId')}
        and (${sectorMembers.to} is null or ${sectorMembers.to} >= ${p('today')})`,
    )
    .prepare(),
  shifts: db
    .select({ shift: shifts, sector: sectors, rotaState: rotas.state })
    .from(sql`json_each(${p('sectors')}) as asked`)
    .crossJoin(sectors)
    .crossJoin(shifts)
    .innerJoin(rotas, eq(rotas.id, shifts.rotaId))
    .where(
      sql`${sectors.id} = asked.value and ${shifts.sectorId} = ${sectors.id} and ${isPublic}
        and ${shifts.start} >= ${p('earliest')} and ${shifts.start} < ${p('before')} and ${shifts.end} > ${p('after')}`,
    )
    .orderBy(
      sql`${sectors.name}, ${sectors.id}, ${shifts.start}, ${shifts.role}, ${shifts.code}, ${shifts.id}`,
    )
    .prepare(),
  people: db
    .select({
      shiftId: shiftPlaces.shiftId,
      place: shiftPlaces.place,
      practitionerId: practitioners.id,
      given: practitioners.given,
      family: practitioners.family,
      outsideName: shiftPlaces.outsideName,
      outsidePhone: shiftPlaces.outsidePhone,
      listPhone: sql<string | null>`(${sql`select ${sectorMembers.phone} from ${sectorMembers}
        where ${sectorMembers.sectorId} = ${shifts.sectorId} and ${sectorMembers.practitionerId} = ${practitioners.id}
          and ${sectorMembers.from} <= substr(${shifts.localStart}, 1, 10)
          and (${sectorMembers.to} is null or ${sectorMembers.to} >= substr(${shifts.localStart}, 1, 10)) limit 1`})`,
      ownPhone: sql<string | null>`(${sql`select ${sites.phone} from ${sites}
        where ${sites.practitionerId} = ${practitioners.id} order by ${sites.id} limit 1`})`,
    })
    .from(sql`json_each(${p('shifts')}) as asked`)
    .crossJoin(shifts)
    .crossJoin(shiftPlaces)
    .leftJoin(practitioners, eq(practitioners.id, doer))
    .where(
      sql`${shifts.id} = asked.value and ${shiftPlaces.shiftId} = ${shifts.id}
        and (${practitioners.id} is not null or ${shiftPlaces.outsideName} is not null)`,
    )
    .orderBy(sql`${shiftPlaces.shiftId}, ${shiftPlaces.place}`)
    .prepare(),
  holes: db
    .select({
      shift: shifts,
      filled:
        sql<number>`(${sql`select count(*) from ${shiftPlaces} where ${shiftPlaces.shiftId} = ${shifts.id}
        and (${shiftPlaces.titulaireId} is not null or ${shiftPlaces.executantId} is not null
          or ${shiftPlaces.outsideName} is not null)`})`.as('filled'),
    })
    .from(shifts)
    .innerJoin(rotas, eq(rotas.id, shifts.rotaId))
    .where(
      sql`${shifts.sectorId} = ${p('sectorId')} and ${isPublic}
        and ${shifts.start} >= ${p('earliest')} and ${shifts.start} < ${p('before')} and ${shifts.end} > ${p('after')}
        and filled < ${shifts.headcount}`,
    )
    .orderBy(sql`${shifts.start}, ${shifts.code}, ${shifts.id}`)
    .prepare(),
}))

/** Sectors of a kind that a commune is in, or all of them. */
export const sectorIds = (db: Db, kind: RotaKind, insee: string | undefined): string[] =>
  (insee === undefined ? queries(db).every.all({ kind }) : queries(db).sectorsOf.all({ kind, insee })).map(
    ({ id }) => id,
  )

/** Sectors that these CPTS share, and those on whose list somebody is, now or later. */
export const ownSectorIds = (
  db: Db,
  communityIds: readonly string[],
  practitionerId: string | null,
  today: LocalDate,
): string[] =>
  [
    ...queries(db).managed.all({ communityIds: JSON.stringify(communityIds) }),
    ...queries(db).listedIn.all({ practitionerId, today }),
  ].map(({ id }) => id)

export interface Window {
  /** No shift that starts before could still be running. */
  readonly earliest: Instant
  readonly after: Instant
  readonly before: Instant
}

/** Shifts of published rotas of these sectors that share time with a window. */
export const shiftsWithin = (db: Db, sectorIds: readonly string[], window: Window) =>
  queries(db).shifts.all({ sectors: JSON.stringify(sectorIds), ...window })

/** Who does each place of these shifts that somebody does. */
export const peopleOf = (db: Db, shiftIds: readonly string[]) =>
  queries(db).people.all({ shifts: JSON.stringify(shiftIds) })

/** Shifts of published rotas of a sector with fewer people than they want. */
export const holesWithin = (db: Db, sectorId: string, window: Window) =>
  queries(db).holes.all({ sectorId, ...window })
