import { asc, eq } from 'drizzle-orm'
import { chunksFor, inJson, type Db } from '../db/db.ts'
import { migrate, type Migration } from '../db/migrate.ts'
import { directoryEntries, spentBootstraps } from './tables.ts'

/** The directory is a database of its own: these are its migrations, additive like the others. */
const MIGRATIONS: readonly Migration[] = [
  {
    tag: 'directory_0000',
    sql: `create table directory_entries (rpps text not null, territory text not null, primary key (rpps, territory)) strict;
--> statement-breakpoint
create index directory_entries_territory on directory_entries (territory);
--> statement-breakpoint
create table spent_bootstraps (sha256 text primary key not null, territory text not null) strict;`,
  },
]

/** The only thing that crosses territories: RPPS → territories, for entries that are national. No patient, no slot. */
export class Directory {
  constructor(
    private readonly db: Db,
    private readonly transaction: <T>(fn: () => T) => T,
  ) {
    migrate(db, transaction, MIGRATIONS)
  }

  /** Notes that a territory knows these professionals; what was known stays. */
  add(territory: string, rpps: readonly string[]): void {
    this.transaction(() => {
      for (const chunk of chunksFor(rpps, 2))
        this.db
          .insert(directoryEntries)
          .values(chunk.map((one) => ({ rpps: one, territory })))
          .onConflictDoNothing()
          .run()
    })
  }

  find(rpps: readonly string[]): { rpps: string; territory: string }[] {
    return this.db
      .select()
      .from(directoryEntries)
      .where(inJson(directoryEntries.rpps, 'rpps'))
      .orderBy(asc(directoryEntries.rpps), asc(directoryEntries.territory))
      .prepare()
      .all({ rpps: JSON.stringify(rpps) })
  }

  territories(): string[] {
    return this.db
      .selectDistinct({ territory: spentBootstraps.territory })
      .from(spentBootstraps)
      .orderBy(asc(spentBootstraps.territory))
      .all()
      .map((row) => row.territory)
  }

  spend(sha256: string, territory: string): boolean {
    return this.transaction(() => {
      if (this.db.select().from(spentBootstraps).where(eq(spentBootstraps.sha256, sha256)).get()) return false
      this.db.insert(spentBootstraps).values({ sha256, territory }).run()
      return true
    })
  }

  unspend(sha256: string): void {
    this.db.delete(spentBootstraps).where(eq(spentBootstraps.sha256, sha256)).run()
  }
}
