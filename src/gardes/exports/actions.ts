import type { Ctx } from '../../db/db.ts'
import { toLocal } from '../../kernel/civil.ts'
import { practitionersAmong } from '../../members/actions.ts'
import { rotaCalendar } from '../calendar/actions.ts'
import { placeText } from '../calendar/rules.ts'
import { getShownRota, listShifts } from '../rotas/actions.ts'
import { doerOf, MOST_PLACES } from '../rotas/rules.ts'
import type { ExportFormat, ExportKind } from '../rotas/vocabulary.ts'
import { getSector } from '../sectors/actions.ts'
import { calendarOptionsOf } from '../sectors/days/rules.ts'
import { csvOf } from './csv/rules.ts'
import { PAGE_POLICY, pageOf } from './page/rules.ts'
import { isListed, linesOf, type ExportedShift, type Professional } from './rules.ts'

const peopleOf = (ctx: Ctx, shifts: readonly ExportedShift[]): Map<string, Professional> => {
  const ids = shifts.flatMap(({ places }) =>
    places.flatMap((place) => [place.titulaireId, place.executantId]),
  )
  return new Map(
    practitionersAmong(ctx, [...new Set(ids.filter((id) => id !== null))]).map(
      ({ id, given, family, rpps }) => [id, { name: `${family} ${given}`, rpps }],
    ),
  )
}

export interface ExportQuery {
  readonly kind: ExportKind
  readonly format: ExportFormat
  /** Only the places that this person does. */
  readonly practitioner?: string | undefined
}

/** The table of a rota for the conseil de l’ordre, to whoever is shown the rota; telephones as everywhere. */
export const exportRota = (ctx: Ctx, rotaId: string, { kind, format, practitioner }: ExportQuery) => {
  const { rota } = getShownRota(ctx, rotaId)
  const sector = getSector(ctx, rota.sectorId)
  const shifts = listShifts(ctx, rotaId, undefined, MOST_PLACES)
    .shifts.filter((shift) => isListed(kind, rota.state, shift, ctx.now))
    .map((shift) => ({
      ...shift,
      places: shift.places.filter((place) => practitioner === undefined || doerOf(place) === practitioner),
    }))
  const name = `garde-${rota.from}-${rota.to}-${kind === 'planned' ? 'prevu' : 'effectue'}`
  if (format === 'ics')
    return {
      mediaType: 'text/calendar' as const,
      text: rotaCalendar(ctx, rota, shifts),
      headers: { 'content-disposition': `attachment; filename="${name}.ics"` },
    }
  const lines = linesOf({
    kind,
    shifts,
    people: peopleOf(ctx, shifts),
    territory: ctx.territory,
    options: calendarOptionsOf(sector),
  })
  if (format === 'csv')
    return {
      mediaType: 'text/csv' as const,
      text: csvOf(sector.name, lines),
      headers: { 'content-disposition': `attachment; filename="${name}.csv"` },
    }
  const head = {
    sector: sector.name,
    place: placeText(sector),
    kind,
    from: rota.from,
    to: rota.to,
    state: rota.state,
    printedAt: toLocal(ctx.now, ctx.territory.zone),
  }
  return {
    mediaType: 'text/html' as const,
    text: pageOf(head, lines),
    headers: {
      'content-disposition': `inline; filename="${name}.html"`,
      'content-security-policy': PAGE_POLICY,
    },
  }
}
