import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import {
  CURSORS,
  id,
  insee,
  instantOut,
  lat,
  localDate,
  lon,
  page,
  pageQuery,
  phoneIn,
  phoneOut,
  postalCode,
  text,
} from '../../edge/schemas.ts'
import { ROLES } from '../../kernel/ctx.ts'
import { AUDIENCES } from '../../slots/vocabulary.ts'
import { CATEGORIES, DAY_TYPES, ROTA_KINDS, SHIFT_ROLES } from '../vocabulary.ts'
import { RESTRICTION_CLASSES, RESTRICTION_SOURCES, WANTS } from './vocabulary.ts'

const tag = 'Gardes'
const managers = ['admin', 'coordinator'] as const
const insiders = ['admin', 'coordinator', 'practitioner'] as const

const dateOut = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/)
  .openapi({ format: 'date', example: '2026-11-23' })

const codes = <const C extends readonly [string, ...string[]]>(list: C) =>
  z
    .array(z.enum(list))
    .min(1)
    .max(list.length)
    .transform((given) => [...new Set(given)])

// Sectors

const placeFields = {
  siteName: text(120),
  address: text(160),
  postalCode,
  city: text(80),
  insee,
  lat,
  lon,
  phone: phoneIn,
}

const limitFields = {
  maxShiftsPer7Days: z.int().min(1).max(21),
  maxShiftsPer28Days: z.int().min(1).max(84),
}

const choiceFields = {
  ...placeFields,
  goodFridayIsHoliday: z
    .boolean()
    .openapi({ description: 'Par défaut comme le territoire : férié dans les 57, 67 et 68 seulement' }),
  ...limitFields,
  validFrom: localDate,
  validTo: localDate,
}

const termFields = {
  name: text(120),
  communes: z.array(insee).min(1).max(400),
  communityIds: z.array(id('community')).min(1).max(20),
}

const decidedFields = {
  pontDays: z
    .strictObject({
      mondayBefore: z.boolean().optional(),
      fridayAfter: z.boolean().optional(),
      saturdayAfter: z.boolean().optional(),
    })
    .openapi({ description: 'Ponts que le secteur fait entrer dans la PDSA ; aucun par défaut' }),
  extraHolidays: z.array(localDate).max(60),
  restHours: z.int().min(0).max(72),
  approvalForSwaps: z.boolean(),
}

const POSITION_IS_WHOLE = {
  test: ({ lat: north, lon: east }: { lat?: number | null | undefined; lon?: number | null | undefined }) =>
    typeof north === typeof east && (north === null) === (east === null),
  error: { message: 'lat et lon vont ensemble', path: ['lon'] },
}

const nullable = <S extends Record<string, z.ZodType>>(fields: S) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.nullable()])) as {
    [K in keyof S]: z.ZodNullable<S[K]>
  }

const SectorInput = z
  .strictObject({
    ...termFields,
    kind: z.enum(ROTA_KINDS).optional(),
    ...z.strictObject({ ...choiceFields, ...decidedFields }).partial().shape,
  })
  .refine(POSITION_IS_WHOLE.test, POSITION_IS_WHOLE.error)

const SectorChange = z
  .strictObject({ ...termFields, ...nullable(choiceFields), ...decidedFields })
  .partial()
  .refine(POSITION_IS_WHOLE.test, POSITION_IS_WHOLE.error)

const Sector = z
  .strictObject({
    id: id('sector'),
    kind: z.enum(ROTA_KINDS),
    name: z.string(),
    communes: z.array(insee),
    communityIds: z.array(id('community')),
    siteName: z.string().nullable(),
    address: z.string().nullable(),
    postalCode: postalCode.nullable(),
    city: z.string().nullable(),
    insee: insee.nullable(),
    lat: lat.nullable(),
    lon: lon.nullable(),
    phone: phoneOut.nullable(),
    goodFridayIsHoliday: z.boolean().nullable(),
    pontDays: z.strictObject({
      mondayBefore: z.boolean(),
      fridayAfter: z.boolean(),
      saturdayAfter: z.boolean(),
    }),
    extraHolidays: z.array(dateOut),
    restHours: z.int(),
    maxShiftsPer7Days: z.int().nullable(),
    maxShiftsPer28Days: z.int().nullable(),
    approvalForSwaps: z.boolean(),
    validFrom: dateOut.nullable(),
    validTo: dateOut.nullable(),
    version: z.int(),
  })
  .openapi('Sector')

const params = z.object({ id: id('sector') })

export const createSector = operation({
  id: 'createSector',
  method: 'post',
  path: '/sectors',
  tag,
  summary: 'Créer un secteur de garde',
  description:
    'Un secteur n’est pas une CPTS : plusieurs CPTS partagent le même. Leurs coordinations le gèrent toutes.',
  roles: managers,
  effect: 'mutate',
  body: SectorInput,
  success: { status: 201, schema: Sector },
  refusals: ['not_found', 'unknown_commune', 'invalid_interval'],
})

export const listSectors = operation({
  id: 'listSectors',
  method: 'get',
  path: '/sectors',
  tag,
  summary: 'Secteurs du territoire',
  roles: ROLES,
  effect: 'read',
  query: z.strictObject({
    ...pageQuery(CURSORS.id('sector')),
    kind: z.enum(ROTA_KINDS).optional(),
    community: id('community').optional(),
    commune: insee.optional(),
  }),
  success: { status: 200, schema: page(Sector) },
  refusals: [],
})

export const getSector = operation({
  id: 'getSector',
  method: 'get',
  path: '/sectors/{id}',
  tag,
  summary: 'Un secteur',
  roles: ROLES,
  effect: 'read',
  params,
  success: { status: 200, schema: Sector },
  refusals: ['not_found'],
})

export const updateSector = operation({
  id: 'updateSector',
  method: 'patch',
  path: '/sectors/{id}',
  tag,
  summary: 'Modifier un secteur',
  roles: managers,
  effect: 'mutate',
  params,
  body: SectorChange,
  success: { status: 200, schema: Sector },
  refusals: ['not_found', 'stale_version', 'unknown_commune', 'invalid_interval'],
})

// Shift types

const shiftCode = z
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

// Members

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

// Restrictions, wishes and absences

const shiftTypeCodes = z.array(shiftCode).max(50)

const noteFields = { practitionerId: id('practitioner'), from: localDate }

const noteOutFields = {
  sectorId: id('sector'),
  practitionerId: id('practitioner'),
  from: dateOut,
  shiftTypes: z.array(z.string()).nullable().openapi({ description: 'Nul : toutes les gardes' }),
  createdAt: instantOut,
}

const notesQuery = {
  practitioner: id('practitioner').optional(),
  from: localDate.optional(),
  to: localDate.optional(),
}

const Restriction = z
  .strictObject({
    id: id('restriction'),
    ...noteOutFields,
    to: dateOut.nullable(),
    source: z.enum(RESTRICTION_SOURCES),
    class: z.enum(RESTRICTION_CLASSES),
  })
  .openapi('Restriction')

export const addRestriction = operation({
  id: 'addRestriction',
  method: 'post',
  path: '/sectors/{id}/restrictions',
  tag,
  summary: 'Enregistrer une restriction',
  description: 'Datée et partielle. Aucun motif médical n’est enregistré, seulement une classe.',
  roles: insiders,
  effect: 'mutate',
  params,
  body: z.strictObject({
    ...noteFields,
    to: localDate.optional(),
    shiftTypes: shiftTypeCodes.optional(),
    source: z.enum(RESTRICTION_SOURCES),
    class: z.enum(RESTRICTION_CLASSES),
  }),
  success: { status: 201, schema: Restriction },
  refusals: ['not_found', 'invalid_interval', 'not_a_member', 'unknown_shift_type', 'invalid_source'],
})

export const listRestrictions = operation({
  id: 'listRestrictions',
  method: 'get',
  path: '/sectors/{id}/restrictions',
  tag,
  summary: 'Restrictions d’un secteur ; pour un praticien, les siennes',
  roles: insiders,
  effect: 'read',
  params,
  query: z.strictObject({ ...pageQuery(CURSORS.id('restriction')), ...notesQuery }),
  success: { status: 200, schema: page(Restriction) },
  refusals: ['not_found'],
})

export const endRestriction = operation({
  id: 'endRestriction',
  method: 'post',
  path: '/sectors/{id}/restrictions/{restrictionId}/end',
  tag,
  summary: 'Mettre fin à une restriction',
  description: 'Elle reste en mémoire jusqu’à son dernier jour.',
  roles: insiders,
  effect: 'mutate',
  params: params.extend({ restrictionId: id('restriction') }),
  body: z.strictObject({ to: localDate }),
  success: { status: 200, schema: Restriction },
  refusals: ['not_found', 'invalid_interval', 'invalid_source'],
})

const Wish = z
  .strictObject({ id: id('wish'), ...noteOutFields, to: dateOut, want: z.enum(WANTS) })
  .openapi('Wish')

export const addWish = operation({
  id: 'addWish',
  method: 'post',
  path: '/sectors/{id}/wishes',
  tag,
  summary: 'Souhaiter faire ou éviter des gardes',
  roles: insiders,
  effect: 'mutate',
  params,
  body: z.strictObject({
    ...noteFields,
    to: localDate,
    shiftTypes: shiftTypeCodes.optional(),
    want: z.enum(WANTS),
  }),
  success: { status: 201, schema: Wish },
  refusals: ['not_found', 'invalid_interval', 'not_a_member', 'unknown_shift_type'],
})

export const listWishes = operation({
  id: 'listWishes',
  method: 'get',
  path: '/sectors/{id}/wishes',
  tag,
  summary: 'Souhaits d’un secteur ; pour un praticien, les siens',
  roles: insiders,
  effect: 'read',
  params,
  query: z.strictObject({ ...pageQuery(CURSORS.id('wish')), ...notesQuery }),
  success: { status: 200, schema: page(Wish) },
  refusals: ['not_found'],
})

export const removeWish = operation({
  id: 'removeWish',
  method: 'delete',
  path: '/sectors/{id}/wishes/{wishId}',
  tag,
  summary: 'Retirer un souhait',
  roles: insiders,
  effect: 'mutate',
  params: params.extend({ wishId: id('wish') }),
  success: { status: 204 },
  refusals: ['not_found'],
})

const { shiftTypes: _none, ...absenceOutFields } = noteOutFields

const Absence = z.strictObject({ id: id('absence'), ...absenceOutFields, to: dateOut }).openapi('Absence')

export const addAbsence = operation({
  id: 'addAbsence',
  method: 'post',
  path: '/sectors/{id}/absences',
  tag,
  summary: 'Déclarer une absence',
  roles: insiders,
  effect: 'mutate',
  params,
  body: z.strictObject({ ...noteFields, to: localDate }),
  success: { status: 201, schema: Absence },
  refusals: ['not_found', 'invalid_interval', 'not_a_member'],
})

export const listAbsences = operation({
  id: 'listAbsences',
  method: 'get',
  path: '/sectors/{id}/absences',
  tag,
  summary: 'Absences d’un secteur ; pour un praticien, les siennes',
  roles: insiders,
  effect: 'read',
  params,
  query: z.strictObject({ ...pageQuery(CURSORS.id('absence')), ...notesQuery }),
  success: { status: 200, schema: page(Absence) },
  refusals: ['not_found'],
})

export const removeAbsence = operation({
  id: 'removeAbsence',
  method: 'delete',
  path: '/sectors/{id}/absences/{absenceId}',
  tag,
  summary: 'Retirer une absence',
  roles: insiders,
  effect: 'mutate',
  params: params.extend({ absenceId: id('absence') }),
  success: { status: 204 },
  refusals: ['not_found'],
})

// The calendar

const CalendarDay = z
  .strictObject({
    date: dateOut,
    type: z.enum(['weekday', 'saturday', 'sunday', 'holiday']),
    pont: z.boolean(),
    holiday: z.string().optional(),
    pdsa: z
      .array(z.array(instantOut).length(2))
      .openapi({ description: 'Intervalles de permanence des soins du jour, fin non comprise' }),
  })
  .openapi('CalendarDay')

export const listCalendarDays = operation({
  id: 'listCalendarDays',
  method: 'get',
  path: '/calendar/days',
  tag,
  summary: 'Jours fériés, ponts et heures de permanence des soins',
  description:
    'De from à to compris, 400 jours au plus. Avec sector, selon les choix du secteur : ses ponts sont en PDSA toute la journée.',
  roles: ROLES,
  effect: 'read',
  query: z.strictObject({ from: localDate, to: localDate, sector: id('sector').optional() }),
  success: { status: 200, schema: z.strictObject({ items: z.array(CalendarDay) }) },
  refusals: ['not_found', 'invalid_interval'],
})
