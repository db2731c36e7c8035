import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { openDatabase } from '../node/database.ts'
import { communes } from '../../db/tables.ts'
import { describeError } from './describe-error.ts'

const failure = (fn: () => unknown): unknown => {
  try {
    fn()
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

it('[LOG-1] an error of the database is logged with its query and its cause, never with the values', () => {
  const { db, close } = openDatabase(':memory:')
  const row = { insee: '92050', name: 'Secret', postalCode: '92000', population: 1, lat: 1, lon: 1 }
  db.insert(communes).values(row).run()
  for (const error of [
    failure(() => db.insert(communes).values(row).run()),
    failure(() => db.all(sql`select ${'Secret'} from nowhere`)),
  ]) {
    expect(JSON.stringify(describeError(error))).toMatch(/UNIQUE|nowhere/)
    expect(JSON.stringify(describeError(error))).not.toContain('Secret')
  }
  close()
})

it('[LOG-1] what is thrown and is no error is logged by its kind alone', () => {
  expect(describeError('Secret')).toEqual({ message: 'a string was thrown' })
})
