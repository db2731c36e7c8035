// Prints `passed failed skipped` from a report of vitest; zeros when there is none.
import { existsSync, readFileSync } from 'node:fs'

const [file] = process.argv.slice(2)
const report = file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = report
process.stdout.write(`${numPassedTests} ${numFailedTests} ${numPendingTests + numTodoTests}\n`)
