import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createApp } from '../src/app.ts'
import type { Platform } from '../src/edge/platform.ts'
import { openApiDocument } from '../src/edge/system.ts'

/** The document says what the operations are, so it needs nothing of a machine. */
const unused = (): never => {
  throw new Error('the document needs no platform')
}

const platform: Platform = {
  sources: { clock: unused, random: unused },
  keyRing: { current: '', secrets: new Map(), index: new Uint8Array() },
  log: { info: unused, warn: unused, error: unused },
  metrics: { request: unused, stream: unused, tickFailed: unused, text: unused },
  directory: { add: unused },
  outgoing: { post: unused },
  findTerritory: unused,
  readiness: unused,
  clientAddress: unused,
  docsScript: unused,
}

const path = fileURLToPath(new URL('../openapi.json', import.meta.url))
writeFileSync(path, JSON.stringify(openApiDocument(createApp(platform)), null, 2) + '\n')
console.log(`wrote ${path}`)
