// drizzle-kit cannot write STRICT: run after `npm run db:generate`, it adds the word to each new CREATE TABLE.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const folder = new URL('../drizzle/', import.meta.url)
for (const name of readdirSync(folder).filter((file) => file.endsWith('.sql'))) {
  const before = readFileSync(new URL(name, folder), 'utf8')
  const after = before.replace(/(CREATE TABLE [\s\S]*?\n\))(;)/g, '$1 STRICT$2')
  if (after !== before) writeFileSync(new URL(name, folder), after)
}
