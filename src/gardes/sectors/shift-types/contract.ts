import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { localDate, text } from '../../../edge/schemas.ts'
import { ROLES } from '../../../kernel/ctx.ts'
import { AUDIENCES } from '../../../slots/vocabulary.ts'
import { CATEGORIES, DAY_TYPES, SHIFT_ROLES } from '../../vocabulary.ts'
import { codes, dateOut, managers, params, tag } from '../contract.ts'

export const shiftCode = z
  .string()
  .regex(/^[A-Za-z0-9][\w-]{0,31}$/, 'Code de garde attendu : lettres, chiffres, tirets')
  .openapi({ example: 'evening' })

const clock = (pattern: RegExp) => z.string().regex(pattern, 'Heure attendue : HH:mm')

const SlotTemplate = z
  .strictObject({
    slotMinutes: z.int().min(5).max(1_440),
    capacity: z.int().min(1).max(100),
    audiences: codes(AUDIENCES),
  })
  .openapi({ description: 'Rend la garde réservable : elle est découpée en créneaux de qui est de garde' })

const ShiftTypeInput = z
  .strictObject({
    code: shiftCode,
    label: text(80),
    rrule: z.string().min(1).max(2_000).openapi({ example: 'FREQ=DAILY' }),
    localStart: clock(/^(?:[01]\d|2[0-3]):[0-5]\d$/).openapi({ example: '20:00' }),
    durationMinutes: z.int().min(1).max(1_440).optional(),
    localEnd: clock(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/)
      .optional()
      .openapi({ example: '24:00', description: 'Le lendemain si elle ne suit pas le début' }),
    dayTypes: codes(DAY_TYPES),
    category: z.enum(CATEGORIES),
    headcount: z.int().min(1).max(20),
    role: z.enum(SHIFT_ROLES),
    slotTemplate: SlotTemplate.optional(),
    validFrom: localDate,
    validTo: localDate.optional(),
  })
  .refine((type) => (type.durationMinutes === undefined) !== (type.localEnd === undefined), {
    message: 'durationMinutes ou localEnd, l’un des deux',
    path: ['durationMinutes'],
  })

const ShiftTypes = z
  .strictObject({
    items: z.array(
      z.strictObject({
        code: z.string(),
        label: z.string(),
        rrule: z.string(),
        localStart: z.string(),
        localEnd: z.string(),
        durationMinutes: z
          .int()
          .openapi({ description: 'Sur l’horloge : 7 h ou 9 h réelles quand l’heure change' }),
        dayTypes: z.array(z.enum(DAY_TYPES)),
        category: z.enum(CATEGORIES),
        headcount: z.int(),
        role: z.enum(SHIFT_ROLES),
        slotTemplate: z
          .strictObject({
            slotMinutes: z.int(),
            capacity: z.int(),
            audiences: z.array(z.enum(AUDIENCES)),
          })
          .optional(),
        validFrom: dateOut,
        validTo: dateOut.nullable(),
      }),
    ),
    version: z.int().openapi({ description: 'Version du secteur' }),
  })
  .openapi('ShiftTypes')

export const setShiftTypes = operation({
  id: 'setShiftTypes',
  method: 'put',
  path: '/sectors/{id}/shift-types',
  tag,
  summary: 'Fixer les types de garde d’un secteur',
  description: 'Remplace la liste entière ; les gardes des tableaux déjà faits restent ce qu’elles sont.',
  roles: managers,
  effect: 'mutate',
  params,
  body: z.array(ShiftTypeInput).max(100),
  success: { status: 200, schema: ShiftTypes },
  refusals: ['not_found', 'stale_version', 'invalid_rrule', 'invalid_interval'],
})

export const listShiftTypes = operation({
  id: 'listShiftTypes',
  method: 'get',
  path: '/sectors/{id}/shift-types',
  tag,
  summary: 'Types de garde d’un secteur',
  roles: ROLES,
  effect: 'read',
  params,
  success: { status: 200, schema: ShiftTypes },
  refusals: ['not_found'],
})
