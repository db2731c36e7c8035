import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findPhone, phoneText } from './phone.ts'

describe('phone', () => {
  it.each([
    ['0639980001', '+33639980001'],
    ['0639120001', '+262639120001'],
    ['06 39 98 00 01', '+33639980001'],
    ['06.39.98.00.01', '+33639980001'],
    ['06-39-98-00-01', '+33639980001'],
    ['06\u202f39\u202f98\u202f00\u202f01', '+33639980001'],
    ['06\u00a039 98 00 01', '+33639980001'],
    [' 0199000123 ', '+33199000123'],
    ['+33 6 39 98 00 01', '+33639980001'],
    ['0262 12 34 56', '+262262123456'],
    ['0263123456', '+262263123456'],
    ['0692123456', '+262692123456'],
    ['0693123456', '+262693123456'],
    ['0269123456', '+262269123456'],
    ['0590123456', '+590590123456'],
    ['0690123456', '+590690123456'],
    ['0691123456', '+590691123456'],
    ['0594123456', '+594594123456'],
    ['0694123456', '+594694123456'],
    ['0596123456', '+596596123456'],
    ['0696123456', '+596696123456'],
    ['0697123456', '+596697123456'],
    ['+44 20 7946 0018', '+442079460018'],
    ['+687 26 12 34', '+687261234'],
    ['+262 692 12 34 56', '+262692123456'],
  ])('[IDENT-8] %j is stored as %s', (typed, stored) => {
    expect(findPhone(typed)).toBe(stored)
  })

  it.each([
    '',
    '15',
    '3639',
    '639980001',
    '00639980001',
    '063998000',
    '06399800011',
    '06 39 98 00 0O',
    '+',
    '+0639980001',
    '+33 06 39 98 00 01',
    '+33 (0)6 39 98 00 01',
    '+336399800',
    '+3363998000111',
    '+262 0692 12 34 56',
    '+1234567890123456',
    '0033639980001',
    '٠٦٣٩٩٨٠٠٠١',
    '06 39 98 00 01 poste 3',
  ])('[IDENT-8] %j is no telephone number', (typed) => {
    expect(findPhone(typed)).toBeUndefined()
  })

  it('[IDENT-8] what was stored is read back as it is, and grouping never matters', () => {
    const national = fc.integer({ min: 100_000_000, max: 999_999_999 }).map((digits) => `0${digits}`)
    fc.assert(
      fc.property(national, fc.constantFrom(' ', '.', '-', '\u202f', ''), (typed, separator) => {
        const stored = findPhone(typed)
        expect(stored).toMatch(/^\+(?:33|262|590|594|596)[1-9]\d{8}$/)
        expect(findPhone(stored!)).toBe(stored)
        expect(findPhone(typed.replace(/(..)(?=.)/g, `$1${separator}`))).toBe(stored)
      }),
      { seed: 81, numRuns: 500 },
    )
  })
})

describe('phoneText', () => {
  it('[EXPORT-2] a number is written as in France, and never begins with a sign', () => {
    expect(phoneText('+33639980099')).toBe('06 39 98 00 99')
    expect(phoneText('+262692000000')).toBe('06 92 00 00 00')
    expect(phoneText('+3221234567')).toBe('003221234567')
    expect(phoneText(null)).toBe('')
  })
})
