import type { App } from '../../src/edge/http.ts'
import { openApiDocument } from '../../src/edge/system.ts'
import type { Role } from '../../src/kernel/ctx.ts'

/** A JSON Schema as the document holds it. */
export type Schema = Readonly<Record<string, unknown>>

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}

type Response = Content & { readonly description: string }

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
}

export interface Operation {
  readonly operationId: string
  readonly method: string
  /** As the document writes it, `/{territory}/v1/slots/{id}`. */
  readonly path: string
  readonly roles: readonly Role[]
  /** Whether it asks for no key: the secret in its address is the right. */
  readonly isLink: boolean
  readonly effect: string
  readonly parameters: readonly Parameter[]
  readonly requestBody: (Content & { readonly required?: boolean }) | undefined
  readonly responses: Readonly<Record<string, Response>>
}

export interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly responses: Readonly<Record<string, Response>>
  }
}

export const documentOf = (app: App): Document => openApiDocument(app) as unknown as Document

/** The response itself where an operation refers to one that others share. */
const responseOf = ({ components }: Document, given: Response | { readonly $ref: string }): Response => {
  if (!('$ref' in given)) return given
  const shared = components.responses[given.$ref.replace('#/components/responses/', '')]
  if (!shared) throw new Error(`no ${given.$ref}`)
  return shared
}

/** Every operation that the document names. */
export const operationsOf = (document: Document): Operation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => ({
      operationId: String(raw.operationId),
      method,
      path,
      roles: (raw['x-roles'] ?? []) as Role[],
      isLink: Array.isArray(raw.security) && raw.security.length === 0,
      effect: String(raw['x-effect']),
      parameters: (raw.parameters ?? []) as Parameter[],
      requestBody: raw.requestBody as Operation['requestBody'],
      responses: Object.fromEntries(
        Object.entries(raw.responses as Record<string, Response | { $ref: string }>).map(
          ([status, response]) => [status, responseOf(document, response)],
        ),
      ),
    })),
  )

/** The status that the document promises when all is well. */
export const successOf = (operation: Operation): number => {
  const status = Object.keys(operation.responses).find((one) => one.startsWith('2'))
  if (status === undefined) throw new Error(`${operation.operationId} documents no success`)
  return Number(status)
}
