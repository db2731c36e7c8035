export const DEFAULT_PAGE = 50

export interface Page {
  readonly limit: number
  readonly after: string | undefined
}

export const pageOf = (query: { limit?: number | undefined; after?: string | undefined }): Page => ({
  limit: query.limit ?? DEFAULT_PAGE,
  after: query.after,
})

/** The first `limit` of rows fetched with one more than asked, and the cursor of the next page if there is one. */
export const paged = <R, T>(
  rows: readonly R[],
  limit: number,
  cursorOf: (row: R) => string,
  show: (row: R) => T,
): { items: T[]; next: string | null } => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(show), next: rows.length > limit && last !== undefined ? cursorOf(last) : null }
}
