import { openDatabase } from '../../src/platform/node/database.ts'
import { groupCommit } from '../../src/platform/node/group-commit.ts'
import { assertSync } from '../../src/db/db.ts'
import type { Ground } from './world.ts'

/** The real database in memory, with a Durable Object's limit on parameters. */
export const nodeGround = (): Ground => {
  const database = openDatabase(':memory:', { strictParameters: true })
  const writer = groupCommit(database.connection, database.db)
  return {
    territory: (info) => ({
      info,
      read: (fn) => assertSync(fn(database.db)),
      commit: writer.commit,
      watch: writer.watch,
    }),
    close: () => database.close(),
  }
}
