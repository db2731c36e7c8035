/** Country codes of the overseas national ranges (Arcep, plan national de numérotation); every other range is +33. */
const OVERSEAS: readonly (readonly [prefix: string, country: string])[] = [
  ['0262', '262'],
  ['0263', '262'],
  ['0269', '262'],
  // Kept for fiction in the middle of Mayotte's range.
  ['063998', '33'],
  ['0639', '262'],
  ['0692', '262'],
  ['0693', '262'],
  ['0590', '590'],
  ['0690', '590'],
  ['0691', '590'],
  ['0594', '594'],
  ['0694', '594'],
  ['0596', '596'],
  ['0696', '596'],
  ['0697', '596'],
]

/** A number under a country code of France has nine digits, without the 0 of the national form (Arcep). */
const WRONG_IN_FRANCE = /^\+(?:33|262|590|594|596)(?![1-9]\d{8}$)/

/**
 * A telephone number as stored (ITU-T E.164), from E.164 or from the French national form, with or without spaces,
 * dots and hyphens. Undefined for anything else.
 */
export const findPhone = (typed: string): string | undefined => {
  const digits = typed.replace(/[\s.-]/g, '')
  if (/^\+[1-9]\d{6,14}$/.test(digits)) return WRONG_IN_FRANCE.test(digits) ? undefined : digits
  if (!/^0[1-9]\d{8}$/.test(digits)) return undefined
  const country = OVERSEAS.find(([prefix]) => digits.startsWith(prefix))?.[1] ?? '33'
  return `+${country}${digits.slice(1)}`
}

/**
 * A stored number as people of France write it; of another country with 00, so that it begins with no sign that a spreadsheet
 * takes for a formula. Nothing for none.
 */
export const phoneText = (phone: string | null): string => {
  if (phone === null) return ''
  const national = /^\+(?:33|262|590|594|596)(\d{9})$/.exec(phone)?.[1]
  return national === undefined ? phone.replace('+', '00') : `0${national}`.replace(/(..)(?=.)/g, '$1 ')
}
