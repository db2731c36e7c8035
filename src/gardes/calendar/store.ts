import { eq, sql, type SQL } from 'drizzle-orm'
import { prepared, type Db } from '../../db/db.ts'
import type { Instant } from '../../kernel/time.ts'
import { placeChanges, rotas, rotaVersions, shiftPlaces, shifts } from '../rotas/tables.ts'
import type { RotaState } from '../rotas/vocabulary.ts'

const p = sql.placeholder

const isPublic = sql`${rotas.state} in ('published', 'in_force', 'performed', 'closed')`

/** Who does a place, of the territory: `doerOf` of the rules, for the database. */
const doer = sql<
  string | null
>`case when ${shiftPlaces.executantId} is not null then ${shiftPlaces.executantId}
  when ${shiftPlaces.outsideName} is null then ${shiftPlaces.titulaireId} end`

const ofPlace = sql`${placeChanges.shiftId} = ${shiftPlaces.shiftId} and ${placeChanges.place} = ${shiftPlaces.place}`

const columns = {
  shift: {
    shiftId: shifts.id,
    sectorId: shifts.sectorId,
    label: shifts.label,
    role: shifts.role,
    headcount: shifts.headcount,
    start: shifts.start,
    end: shifts.end,
  },
  place: shiftPlaces.place,
  doerId: doer.as('doer_id'),
  changes: sql<number>`(select count(*) from ${placeChanges} where ${ofPlace})`,
  changedAt: sql<Instant | null>`(select max(${placeChanges.at}) from ${placeChanges} where ${ofPlace})`,
  // That of the first version: a rota is published once.
  shownAt: sql<Instant>`coalesce((select ${rotaVersions.at} from ${rotaVersions}
    where ${rotaVersions.rotaId} = ${rotas.id} and ${rotaVersions.number} = 1), ${rotas.createdAt})`,
}

/** Places of public rotas, of the shifts of which these are some. */
const placesWhere = (db: Db, where: SQL) =>
  db
    .select(columns)
    .from(shifts)
    .innerJoin(rotas, eq(rotas.id, shifts.rotaId))
    .innerJoin(shiftPlaces, eq(shiftPlaces.shiftId, shifts.id))
    .where(where)
    .orderBy(sql`${shifts.start}, ${shifts.id}, ${shiftPlaces.place}`)
    .limit(p('limit'))
    .prepare()

const queries = prepared((db: Db) => ({
  ofSector: placesWhere(
    db,
    sql`${shifts.sectorId} = ${p('sectorId')} and ${shifts.start} >= ${p('since')}
      and ${rotas.state} in (select value from json_each(${p('states')}))`,
  ),
  // Each by an index of its own.
  ofPractitioner: placesWhere(
    db,
    sql`${shifts.id} in (
        select shift_id from ${shiftPlaces} as planned where planned.titulaire_id = ${p('practitionerId')}
        union select shift_id from ${shiftPlaces} as done where done.executant_id = ${p('practitionerId')})
      and ${isPublic} and ${shifts.start} >= ${p('since')} and doer_id = ${p('practitionerId')}`,
  ),
  leftBy: placesWhere(
    db,
    sql`(${shifts.id}, ${shiftPlaces.place}) in (select shift_id, place from ${placeChanges} as gone
        where gone.left_by_id = ${p('practitionerId')} and gone.at > ${p('since')})
      and ${isPublic} and ${shifts.start} >= ${p('since')} and doer_id is not ${p('practitionerId')}`,
  ),
  ofRota: placesWhere(db, sql`${shifts.rotaId} = ${p('rotaId')}`),
}))

/** Places of a sector's rotas in these states that start from an instant on, the soonest first. */
export const placesOfSector = (
  db: Db,
  sectorId: string,
  states: readonly RotaState[],
  since: Instant,
  limit: number,
) => queries(db).ofSector.all({ sectorId, states: JSON.stringify(states), since, limit })

/** Places of published rotas that somebody does. */
export const placesDoneBy = (db: Db, practitionerId: string, since: Instant, limit: number) =>
  queries(db).ofPractitioner.all({ practitionerId, since, limit })

/** Places of published rotas that somebody did until an instant since then, and does no more. */
export const placesLeftBy = (db: Db, practitionerId: string, since: Instant, limit: number) =>
  queries(db).leftBy.all({ practitionerId, since, limit })

/** Every place of a rota, published or not. */
export const placesOfRota = (db: Db, rotaId: string, limit: number) =>
  queries(db).ofRota.all({ rotaId, limit })
