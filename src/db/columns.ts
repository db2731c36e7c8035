import { customType } from 'drizzle-orm/sqlite-core'
import type { Instant } from '../kernel/time.ts'

/** Epoch milliseconds in an INTEGER column. */
export const instantColumn = customType<{ data: Instant; driverData: number }>({
  dataType: () => 'integer',
})

/** A set of codes as the bits of an INTEGER column, in the order of `codes`, which therefore only grows at its end. */
export const codeSet = <const C extends string>(codes: readonly C[]) =>
  customType<{ data: C[]; driverData: number }>({
    dataType: () => 'integer',
    toDriver: (set) => maskOf(codes, set),
    fromDriver: (mask) => codes.filter((_, bit) => (mask & (1 << bit)) !== 0),
  })

/** The bits of `set` within `codes`. Throws on a code that is not of the list. */
export const maskOf = <C extends string>(codes: readonly C[], set: readonly C[]): number =>
  set.reduce((mask, code) => {
    const bit = codes.indexOf(code)
    if (bit < 0) throw new RangeError(`unknown code ${code}`)
    return mask | (1 << bit)
  }, 0)

/** A list or object as JSON text; null stays NULL, also in a prepared statement, where drizzle encodes it like the rest. */
export const jsonColumn = <T>() =>
  customType<{ data: T; driverData: string | null }>({
    dataType: () => 'text',
    toDriver: (value) => (value === null ? null : JSON.stringify(value)),
    fromDriver: (text) => JSON.parse(text ?? 'null') as T,
  })

/** Bytes in a BLOB column, on both engines. */
export const bytesColumn = customType<{ data: Uint8Array; driverData: Uint8Array | ArrayBuffer }>({
  dataType: () => 'blob',
  fromDriver: (bytes) => new Uint8Array(bytes),
})
