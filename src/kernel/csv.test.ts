import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellOf } from '../gardes/exports/csv/rules.ts'
import { decodeText, readCsv, separatorOf } from './csv.ts'

const cellsOf = (text: string, separator: ';' | ',' = ';') =>
  [...readCsv(text, separator)].map(({ cells }) => cells)

const CELL = fc.string({
  unit: fc.constantFrom('a', 'é', ';', ',', '"', '\n', '\r', ' ', '=', "'"),
  maxLength: 8,
})

describe('readCsv', () => {
  it('[MT-20] what is written is read again, whatever is in the cells', () => {
    fc.assert(
      fc.property(fc.array(fc.array(CELL, { minLength: 2, maxLength: 5 }), { maxLength: 6 }), (rows) => {
        const text = rows.map((row) => `${row.map(cellOf).join(';')}\r\n`).join('')
        const written = rows.map((row) => row.map((cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)))
        expect(cellsOf(text)).toEqual(written)
      }),
      { seed: 21, numRuns: 500 },
    )
  })

  it('[MT-20] lines end in any of three ways, and empty ones are left out', () => {
    expect([...readCsv('a;b\r\n\r\nc;d\n\ne;f\rg', ';')]).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 3, cells: ['c', 'd'] },
      { line: 5, cells: ['e', 'f'] },
      { line: 6, cells: ['g'] },
    ])
  })

  it('[MT-20] a record is told by the line at which it begins', () => {
    expect([...readCsv('a;"1\n2\r\n3"\nb;c', ';')].map(({ line }) => line)).toEqual([1, 4])
  })

  it('[MT-20] what is broken is told', () => {
    expect([...readCsv('a;"b"c;d\ne;f', ';')]).toEqual([
      { line: 1, cells: ['a', 'b', 'd'], fault: 'stray_text' },
      { line: 2, cells: ['e', 'f'] },
    ])
    expect([...readCsv('a\n"b;c\nd', ';')].at(-1)).toMatchObject({ line: 2, fault: 'open_quote' })
    expect([...readCsv(';'.repeat(1_000), ';')]).toMatchObject([{ line: 1, fault: 'too_many_cells' }])
    expect(cellsOf('Le "Grand";x')).toEqual([['Le "Grand"', 'x']])
  })

  it('[MT-20] five mebibytes of anything are read in no time', () => {
    const size = 5 * 1024 * 1024
    for (const text of ['"', ';', '\n', '""', '"a', 'a;', '"\n', '";"', '\r\n'].map((unit) =>
      unit.repeat(size / unit.length),
    )) {
      let records = 0
      const started = performance.now()
      for (const record of readCsv(text, ';')) {
        expect(record.cells.length).toBeLessThanOrEqual(200)
        if (++records > 5_000) break
      }
      expect(performance.now() - started).toBeLessThan(2_000)
    }
  })
})

describe('decodeText', () => {
  it('[MT-20] UTF-8 with its mark or without, else Windows-1252', () => {
    const text = 'prénom;Zoë;œ;€;Ÿ'
    expect(decodeText(new TextEncoder().encode(text))).toBe(text)
    expect(decodeText(new TextEncoder().encode(`\ufeff${text}`))).toBe(text)
    const bytes: Record<string, number> = { œ: 0x9c, '€': 0x80, Ÿ: 0x9f }
    expect(decodeText(Uint8Array.from(text, (one) => bytes[one] ?? one.charCodeAt(0)))).toBe(text)
  })
})

describe('separatorOf', () => {
  it('[MT-20] what the first line holds more of', () => {
    expect(separatorOf('a;b,c;d\n,,,,')).toBe(';')
    expect(separatorOf('a,b')).toBe(',')
    expect(separatorOf('a')).toBe(';')
  })
})
