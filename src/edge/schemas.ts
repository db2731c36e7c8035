import { z } from '@hono/zod-openapi'
import {
  findInstantText,
  findLocalDate,
  findLocalDateTime,
  type LocalDate,
  type LocalDateTime,
} from '../kernel/civil.ts'
import { ID_PREFIXES, idPattern, type IdKind } from '../kernel/ids.ts'
import { findPhone } from '../kernel/phone.ts'
import type { Instant } from '../kernel/time.ts'

z.config(z.locales.fr())

// Control characters and lone surrogates: nobody types them, and logs, feeds and screens choke on them.
const CLEAN_TEXT = /^[^\p{Cc}\p{Cs}]*$/u

/** A line of text that a person typed: trimmed, not empty, without control characters. */
export const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(CLEAN_TEXT, 'Caractères de contrôle interdits')
    // The document has no place for a flag; readers of JSON Schema match with `u` anyway.
    .openapi({ pattern: CLEAN_TEXT.source })

export const id = (kind: IdKind) =>
  z
    .string()
    .regex(idPattern(kind), 'Identifiant invalide')
    .openapi({ example: `${ID_PREFIXES[kind]}_01kakq0t5ae3vshb4ka6e0x0m1` })

/** Nobody alive or to be seen is further away, and calendars end at the year 9999. */
const isNear = (dated: string): boolean => dated >= '1900' && dated < '2200'

/** An instant as text with its offset, in. */
export const instantIn = z
  .string()
  .max(40)
  .transform((typed, context): Instant => {
    const instant = findInstantText(typed)
    if (instant !== undefined && isNear(typed)) return instant
    context.addIssue({ code: 'custom', message: 'Instant attendu au format RFC 3339 avec décalage' })
    return z.NEVER
  })
  .openapi({ type: 'string', format: 'date-time', example: '2026-11-23T17:00:00+01:00' })

/** An instant as text with the territory's offset, out. */
export const instantOut = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/)
  .openapi({ format: 'date-time', example: '2026-11-23T17:00:00+01:00' })

export const localDateTime = z
  .string()
  .max(16)
  .transform((typed, context): LocalDateTime => {
    const local = findLocalDateTime(typed)
    if (local !== undefined && isNear(local)) return local
    context.addIssue({ code: 'custom', message: 'Date et heure locales attendues : AAAA-MM-JJTHH:mm' })
    return z.NEVER
  })
  .openapi({ type: 'string', example: '2026-11-23T17:00' })

export const localDate = z
  .string()
  .max(10)
  .transform((typed, context): LocalDate => {
    const date = findLocalDate(typed)
    if (date !== undefined && isNear(date)) return date
    context.addIssue({ code: 'custom', message: 'Date attendue : AAAA-MM-JJ' })
    return z.NEVER
  })
  .openapi({ type: 'string', format: 'date', example: '2026-11-23' })

/** A telephone number, in: E.164 or the French national form. */
export const phoneIn = z
  .string()
  .max(24)
  .transform((typed, context): string => {
    const phone = findPhone(typed)
    if (phone !== undefined) return phone
    context.addIssue({ code: 'custom', message: 'Numéro de téléphone invalide' })
    return z.NEVER
  })
  .openapi({ type: 'string', example: '+33199000123' })

/** E.164, as stored and shown. */
export const phoneOut = z
  .string()
  .regex(/^\+\d{7,15}$/)
  .openapi({ example: '+33199000123' })

export const insee = z
  .string()
  .regex(/^(?:\d{5}|2[AB]\d{3})$/, 'Code INSEE attendu')
  .openapi({ example: '92050' })

export const postalCode = z
  .string()
  .regex(/^\d{5}$/, 'Code postal attendu')
  .openapi({ example: '92000' })

export const finess = z
  .string()
  .regex(/^[0-9]{9}$/, 'Numéro FINESS attendu')
  .openapi({ example: '920000001' })

export const siret = z
  .string()
  .regex(/^[0-9]{14}$/, 'Numéro SIRET attendu')
  .openapi({ example: '12345678900012' })

export const lat = z.number().min(-90).max(90)
export const lon = z.number().min(-180).max(180)

/** Where a place is and how to call there, in. */
export const placeFields = { postalCode, city: text(80), insee, lat, lon, phone: phoneIn }

/** A whole number in a query string: digits only, so that an empty value is not zero. */
export const queryInteger = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d{1,9}$/, 'Nombre entier attendu')
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .openapi({ type: 'integer', minimum: min, maximum: max })

export const queryNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d{1,6}(?:\.\d{1,10})?$/, 'Nombre attendu')
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .openapi({ type: 'number', minimum: min, maximum: max })

export const queryFlag = z
  .enum(['true', 'false'])
  .transform((typed) => typed === 'true')
  .openapi({ type: 'boolean' })

export const MAX_PAGE = 200

/** What the cursors of a list look like. The caller is not to know, but one that is none of ours is refused. */
export const CURSORS = {
  /** Lists by start, then id: the start and id of the last shown. */
  start: /^\d{1,15}\.[0-9a-z_]{1,40}$/,
  seq: /^\d{1,15}$/,
  insee: /^[0-9AB]{5}$/,
  id: idPattern,
} as const

/** `?limit=` and `?after=`. */
export const pageQuery = (cursor: RegExp) => ({
  limit: queryInteger(1, MAX_PAGE).optional(),
  after: z.string().regex(cursor, 'Curseur invalide').optional(),
})

export const page = <S extends z.ZodType>(item: S) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable() })
