import type { Db } from '../../../db/db.ts'
import { mtContacts } from '../tables.ts'

export const insertContact = (db: Db, row: typeof mtContacts.$inferSelect): void => {
  db.insert(mtContacts).values(row).run()
}
