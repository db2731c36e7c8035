import type { Ctx } from '../../db/db.ts'
import { toLocal } from '../../kernel/civil.ts'
import { practitionersAmong } from '../../members/actions.ts'
import { getShownRota, listShifts } from '../rotas/actions.ts'
import { MOST_PLACES } from '../rotas/rules.ts'
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

const isSaid = (part: string | null) => part !== null && part !== ''

/** The table of a rota for the conseil de l’ordre, to whoever is shown the rota; telephones as everywhere. */
export const exportRota = (ctx: Ctx, rotaId: string, kind: ExportKind, format: ExportFormat) => {
  const { rota } = getShownRota(ctx, rotaId)
  const sector = getSector(ctx, rota.sectorId)
  const shifts = listShifts(ctx, rotaId, undefined, MOST_PLACES).shifts.filter((shift) =>
    isListed(kind, rota.state, shift, ctx.now),
  )
  const lines = linesOf({
    kind,
    shifts,
    people: peopleOf(ctx, shifts),
    territory: ctx.territory,
    options: calendarOptionsOf(sector),
  })
  const name = `garde-${rota.from}-${rota.to}-${kind === 'planned' ? 'prevu' : 'effectue'}`
  if (format === 'csv')
    return {
      mediaType: 'text/csv' as const,
      text: csvOf(sector.name, lines),
      headers: { 'content-disposition': `attachment; filename="${name}.csv"` },
    }
  const head = {
    sector: sector.name,
    place: [sector.siteName, sector.address, [sector.postalCode, sector.city].filter(isSaid).join(' ')]
      .filter(isSaid)
      .join(', '),
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
