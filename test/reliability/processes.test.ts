import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/platform/node/database.ts'
import {
  dataFolder,
  httpCaller,
  inMinutes,
  liftRate,
  makeGpOver,
  makeTerritory,
  startProgram,
} from '../support/program.ts'

const PROCESSES = 4
const SLOTS = 1_000

describe('several processes on one file', () => {
  let data: ReturnType<typeof dataFolder>
  beforeEach(() => {
    data = dataFolder()
  })
  afterEach(() => data.remove())

  it('[DB-2] four that book the same 1,000 slots make no double and meet no lock error', async () => {
    const adminKey = await makeTerritory(data.folder)
    await liftRate(data.folder)
    const server = await startProgram(data.folder)
    const gp = await makeGpOver(server.url, adminKey)
    const body = Array.from({ length: SLOTS }, (_, i) => ({
      practitionerId: gp.practitionerId,
      siteId: gp.siteId,
      start: inMinutes(120 + i * 5),
      end: inMinutes(125 + i * 5),
    }))
    for (let i = 0; i < SLOTS; i += 200) {
      const made = await httpCaller(server.url, adminKey).post('/slots/batch', {
        slots: body.slice(i, i + 200),
      })
      expect(made.status).toBe(201)
    }
    await server.end('SIGTERM')

    const file = join(data.folder, '92.sqlite')
    const writer = fileURLToPath(new URL('./writer.ts', import.meta.url))
    const runs = await Promise.all(
      Array.from({ length: PROCESSES }, () =>
        promisify(execFile)(process.execPath, ['--import', 'tsx', writer, file, gp.regulatorKey]),
      ),
    )
    const outcomes = runs.map(
      ({ stdout }) => JSON.parse(stdout) as { booked: number; refused: number; failed: string[] },
    )
    expect(outcomes.flatMap(({ failed }) => failed)).toEqual([])
    const total = (of: 'booked' | 'refused') => outcomes.reduce((sum, outcome) => sum + outcome[of], 0)
    expect([total('booked'), total('refused')]).toEqual([SLOTS, SLOTS * (PROCESSES - 1)])

    const database = openDatabase(file)
    const seats = database.connection
      .prepare(
        "select count(*) as rows, count(distinct slot_id || ':' || seat) as seats from bookings where status <> 'cancelled'",
      )
      .get()
    expect(seats).toEqual({ rows: SLOTS, seats: SLOTS })
    expect(database.connection.pragma('integrity_check', { simple: true })).toBe('ok')
    database.close()
  })
})
