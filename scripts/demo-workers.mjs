// The demo on the second runtime: a local workerd, no account, the same territory 92. State and keys are in DATA_DIR.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = resolve(process.env.DATA_DIR ?? 'data', 'workers')
const port = process.env.PORT ?? '8080'
const host = process.env.HOST ?? '127.0.0.1'
const url = `http://${host}:${port}`
const OWNER_ONLY = { mode: 0o600 }

mkdirSync(folder, { recursive: true, mode: 0o700 })
const vars = join(folder, 'vars.env')
if (!existsSync(vars)) {
  const secret = () => randomBytes(32).toString('base64')
  const keyRing = JSON.stringify({ current: 'k1', keys: { k1: secret() }, index: secret() })
  const lines = ['JURISDICTION=', 'DEMO=true', `BOOTSTRAP_SECRET=${secret()}`, `KEY_RING='${keyRing}'`, '']
  writeFileSync(vars, lines.join('\n'), OWNER_ONLY)
}

const wrangler = spawn(
  process.execPath,
  [
    join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js'),
    ...['dev', '--ip', host, '--port', port, '--env-file', vars, '--persist-to', join(folder, 'state')],
    ...['--log-level', 'error', '--show-interactive-dev-session=false'],
  ],
  {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  },
)
wrangler.once('exit', (code) => process.exit(code ?? 1))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => wrangler.kill(signal))

const isUp = () =>
  fetch(`${url}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  )
while (!(await isUp())) await new Promise((wake) => setTimeout(wake, 250))

const credentials = join(folder, 'demo-credentials.json')
if (!existsSync(credentials)) {
  const secret = /^BOOTSTRAP_SECRET=(.+)$/m.exec(readFileSync(vars, 'utf8'))?.[1]
  const made = await fetch(`${url}/bootstrap`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ territory: '92', name: 'Hauts-de-Seine', demo: true }),
  })
  if (made.status !== 201) {
    process.stderr.write(`${await made.text()}\nremove ${folder} to start the demo afresh\n`)
    wrangler.kill('SIGTERM')
  } else {
    const { territory, keys } = await made.json()
    writeFileSync(credentials, `${JSON.stringify({ baseUrl: url, territory, keys }, null, 2)}\n`, OWNER_ONLY)
  }
}
process.stdout.write(
  `urgence-du-jour on workerd, demo of territory 92\n  API   ${url}/92/v1\n  keys  ${credentials}\n`,
)
