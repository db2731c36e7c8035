import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Migration } from '../../db/migrate.ts'

/** The project's folder, whether this runs from src/ or bundled in dist/. */
export const projectRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'drizzle', 'meta', '_journal.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('the folder drizzle/ is not beside the program')
    folder = parent
  }
  return folder
}

/** The migrations of drizzle/, in the order of its journal. */
export const readMigrations = (): Migration[] => {
  const folder = join(projectRoot(), 'drizzle')
  const journal = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')) as {
    entries: { tag: string }[]
  }
  return journal.entries.map(({ tag }) => ({ tag, sql: readFileSync(join(folder, `${tag}.sql`), 'utf8') }))
}
