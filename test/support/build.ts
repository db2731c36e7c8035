import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Tests of the running program use what production runs: the built one. */
export default () => {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))])
}
