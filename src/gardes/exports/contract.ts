import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { id } from '../../edge/schemas.ts'
import { EXPORT_FORMATS, EXPORT_KINDS } from '../rotas/vocabulary.ts'

export const exportRota = operation({
  id: 'exportRota',
  method: 'get',
  path: '/rotas/{id}/export',
  tag: 'Gardes',
  summary:
    'Le tableau de garde pour le conseil de l’ordre, en CSV ou en page à imprimer ; les gardes en iCalendar',
  description:
    'planned : toutes les gardes, avec titulaires et remplaçants. performed : celles qui sont finies, avec qui les a faites. CSV en UTF-8 avec BOM, séparateur « ; ». Les heures sont celles qui se sont écoulées. iCalendar : un VEVENT par place pourvue, en UTC, à importer une fois ; un flux (POST /feeds) suit les changements. practitioner : les seules places que fait ce praticien.',
  roles: ['admin', 'coordinator', 'practitioner', 'regulator', 'auditor'],
  effect: 'read',
  params: z.object({ id: id('rota') }),
  query: z.strictObject({
    format: z.enum(EXPORT_FORMATS).default('csv'),
    kind: z.enum(EXPORT_KINDS).default('planned'),
    practitioner: id('practitioner').optional(),
  }),
  success: { status: 200, mediaTypes: ['text/csv', 'text/html', 'text/calendar'] },
  refusals: ['not_found'],
})
