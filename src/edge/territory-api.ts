import { edgeOf } from './declare.ts'
import type { Api, App } from './http.ts'
import { on, onSteps } from './on.ts'
import { onLink } from './on-link.ts'
import { onLong } from './on-long.ts'
import { onStream } from './on-stream.ts'
import type { Platform } from './platform.ts'

/** One territory's operations, guarded in the order: territory, key, rate, role, type, size, idempotency key, shape. */
export const territoryApi = (platform: Platform): { app: App; api: Api } => {
  const edge = edgeOf(platform)
  return {
    app: edge.app,
    api: {
      on: on(edge),
      onSteps: onSteps(edge),
      onStream: onStream(edge),
      onLink: onLink(edge),
      onLong: onLong(edge),
    },
  }
}
