// Lays out what Cloudflare serves as it is: the script of the page of documentation, at the address the page names.
import { copyFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('..', import.meta.url)
mkdirSync(new URL('dist/assets/docs/', root), { recursive: true })
copyFileSync(
  new URL('node_modules/@scalar/api-reference/dist/browser/standalone.js', root),
  fileURLToPath(new URL('dist/assets/docs/scalar.js', root)),
)
