import type { App } from './http.ts'
import type { Platform } from './platform.ts'

const OPENAPI_VERSION = '3.1.0'

/** What the document says of the whole; paths come from the operations. */
const DOCUMENT = {
  openapi: OPENAPI_VERSION,
  info: {
    title: 'urgence-du-jour',
    version: '1',
    license: { name: 'MIT', identifier: 'MIT' },
    description:
      'Créneaux d’urgence du jour d’un territoire : publication par les médecins, recherche et réservation par la régulation du SAS. Chaque POST qui change l’état porte un en-tête Idempotency-Key.',
  },
}

const DOCS_PAGE = `<!doctype html>
<html lang="fr">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>urgence-du-jour, documentation de l’API</title>
  </head>
  <body>
    <script id="api-reference" data-url="/openapi.json" data-configuration='{"withDefaultFonts":false,"telemetry":false,"hideClientButton":true,"agent":{"disabled":true},"mcp":{"disabled":true}}'></script>
    <script src="/docs/scalar.js"></script>
  </body>
</html>
`

// Scalar writes its styles into the page; nothing comes from, or goes to, another host.
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** What is outside of any territory: health, metrics and the document. */
export const systemRoutes = (app: App, platform: Platform): void => {
  // Built at the first request, once every feature has declared its operations.
  let document: string | undefined

  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/readyz', (c) => {
    const readiness = platform.readiness()
    return c.json(readiness, readiness.ready ? 200 : 503)
  })
  app.get('/metrics', async (c) =>
    c.body(await platform.metrics.text(), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  )
  app.get('/openapi.json', (c) => {
    document ??= JSON.stringify(openApiDocument(app), null, 2) + '\n'
    return c.body(document, 200, { 'content-type': 'application/json' })
  })
  app.get('/docs', (c) => {
    c.header('content-security-policy', DOCS_POLICY)
    return c.html(DOCS_PAGE)
  })
  app.get('/docs/scalar.js', async (c) =>
    c.body(await platform.docsScript(), 200, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=86400',
    }),
  )
}

/** The whole contract as OpenAPI 3.1. */
export const openApiDocument = (app: App): Record<string, unknown> => {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'Clé du territoire : udj_92_…',
  })
  return app.getOpenAPI31Document(DOCUMENT) as unknown as Record<string, unknown>
}
