import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, localDate, phoneIn, phoneOut } from '../../../edge/schemas.ts'
import { SHIFT_ROLES } from '../../vocabulary.ts'
import { codes, dateOut, insiders, managers, params, tag } from '../contract.ts'

const cap = (max: number) => z.int().min(0).max(max)

const SectorMemberInput = z.strictObject({
  practitionerId: id('practitioner'),
  share: z
    .int()
    .min(0)
    .max(100)
    .openapi({ description: 'Part d’une participation entière ; à 0, placé à la main' }),
  from: localDate,
  to: localDate.optional().openapi({ description: 'Dernier jour, compris' }),
  roles: codes(SHIFT_ROLES).optional(),
  phone: phoneIn.optional(),
  maxPer7Days: cap(21).optional(),
  maxPer28Days: cap(84).optional(),
  maxPerRota: cap(1_000).optional(),
})

const SectorMembers = z
  .strictObject({
    items: z.array(
      z.strictObject({
        practitionerId: id('practitioner'),
        share: z.int(),
        from: dateOut,
        to: dateOut.nullable(),
        roles: z.array(z.enum(SHIFT_ROLES)),
        phone: phoneOut.nullable(),
        maxPer7Days: z.int().nullable(),
        maxPer28Days: z.int().nullable(),
        maxPerRota: z.int().nullable(),
      }),
    ),
    version: z.int().openapi({ description: 'Version du secteur' }),
  })
  .openapi('SectorMembers')

export const setSectorMembers = operation({
  id: 'setSectorMembers',
  method: 'put',
  path: '/sectors/{id}/members',
  tag,
  summary: 'Fixer la liste des praticiens d’un secteur',
  description:
    'Remplace la liste entière. Tout praticien du territoire peut y figurer, quelle que soit sa CPTS.',
  roles: managers,
  effect: 'mutate',
  params,
  body: z.array(SectorMemberInput).max(300),
  success: { status: 200, schema: SectorMembers },
  refusals: ['not_found', 'stale_version', 'invalid_interval'],
})

export const listSectorMembers = operation({
  id: 'listSectorMembers',
  method: 'get',
  path: '/sectors/{id}/members',
  tag,
  summary: 'Praticiens d’un secteur',
  roles: insiders,
  effect: 'read',
  params,
  success: { status: 200, schema: SectorMembers },
  refusals: ['not_found'],
})
