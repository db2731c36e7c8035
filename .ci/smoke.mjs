// README's first command, as a person would run it: on a free port and an empty folder the demo is ready in under
// 20 s, answers a search made with a key that it wrote, and ends with 0 on SIGTERM, leaving no process behind.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const READY_MS = 20_000

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const isReady = async (url) => {
  try {
    return (await fetch(`${url}/readyz`)).status === 200
  } catch {
    return false
  }
}

const isAlive = (group) => {
  try {
    process.kill(-group, 0)
    return true
  } catch {
    return false
  }
}

const dataDir = mkdtempSync(join(tmpdir(), 'udj demo '))
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const started = Date.now()
const demo = spawn('npm', ['run', 'demo'], {
  detached: true,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, DATA_DIR: dataDir, HOST: '127.0.0.1', PORT: String(port) },
})
const ended = new Promise((resolve) => demo.once('exit', (code, signal) => resolve(code ?? signal)))
let hasEnded = false
void ended.then(() => {
  hasEnded = true
})

const fail = (reason) => {
  throw new Error(reason)
}

try {
  while (!(await isReady(url))) {
    if (hasEnded) fail('the demo ended before it was ready')
    if (Date.now() - started > READY_MS) fail(`the demo was not ready in ${READY_MS / 1000} s`)
    await wait(100)
  }
  const readySeconds = (Date.now() - started) / 1000

  const { keys, territory } = JSON.parse(readFileSync(join(dataDir, 'demo-credentials.json'), 'utf8'))
  const answer = await fetch(`${url}/${territory}/v1/availability?commune=92050`, {
    headers: { authorization: `Bearer ${keys.regulator}` },
  })
  if (answer.status !== 200) fail(`the search was answered ${answer.status}`)
  const { items } = await answer.json()
  if (items.length === 0) fail('the search found no slot')

  demo.kill('SIGTERM')
  const code = await Promise.race([ended, wait(15_000, 'not at all', { ref: false })])
  if (code !== 0) fail(`after SIGTERM the demo ended with ${code}`)
  if (isAlive(demo.pid)) fail('the demo left a process behind')
  process.stdout.write(`ready in ${readySeconds} s, ${items.length} slots found, ended with 0\n`)
} catch (error) {
  process.stdout.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  if (isAlive(demo.pid)) process.kill(-demo.pid, 'SIGKILL')
  rmSync(dataDir, { recursive: true, force: true })
}
