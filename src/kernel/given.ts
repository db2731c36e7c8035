/** What a request may change and may leave out. */
export type Change<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** The same where null empties. */
export type Emptied<T> = { readonly [K in keyof T]?: T[K] | null | undefined }

/** What the caller left out stays as it is; `undefined` never overwrites. */
export const given = <T extends object>(change: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as never

/** Codes or ids that the caller gave in any order, each once. */
export const sorted = <T extends string>(codes: readonly T[]): T[] => [...new Set(codes)].sort()
