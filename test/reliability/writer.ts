import { book } from '../../src/bookings/actions.ts'
import { authenticate } from '../../src/access/actions.ts'
import { ctxOf } from '../../src/db/territory.ts'
import { Refused } from '../../src/kernel/refusal.ts'
import { parseKeyRing } from '../../src/platform/shared/key-ring.ts'
import { openDatabase } from '../../src/platform/node/database.ts'
import { systemSources } from '../../src/platform/node/server.ts'
import { territoryOver } from '../../src/platform/node/territories.ts'
import { slots } from '../../src/db/tables.ts'
import { bookingBody } from '../support/members.ts'
import { KEY_RING } from '../support/program.ts'

/** One of several processes that write to the same file: tries to book every slot of it, and says how it went. */
const [, , file, secret] = process.argv
if (file === undefined || secret === undefined) throw new Error('file and key expected')

const database = openDatabase(file)
const territory = territoryOver(database)
if (!territory) throw new Error('no territory')
const world = { sources: systemSources, keyRing: parseKeyRing(KEY_RING) }
const caller = authenticate(database.db, territory.info, secret, systemSources.clock())
if (!caller) throw new Error('no such key')

const wanted = territory.read((db) => db.select({ id: slots.id }).from(slots).orderBy(slots.start).all())
const outcome = { booked: 0, refused: 0, failed: [] as string[] }
for (const { id } of wanted) {
  try {
    await territory.commit(({ db }) => {
      const input = bookingBody(id) as unknown as Parameters<typeof book>[1]
      book(ctxOf(world, territory.info, caller.actor, db), input)
    })
    outcome.booked++
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'slot_taken') outcome.refused++
    else outcome.failed.push(error instanceof Error ? `${error.message}: ${String(error.cause)}` : 'unknown')
  }
}
database.close()
process.stdout.write(JSON.stringify(outcome))
