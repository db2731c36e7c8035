import addFormats from 'ajv-formats'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Document, Schema } from './document.ts'

export interface Validators {
  /** What is wrong with a value by a schema of the document; nothing when it is as described. */
  faults(schema: Schema, value: unknown): string[]
}

/** JSON Schema 2020-12 over a document, with its components to refer to; throws on a schema that is none. */
export const validatorsOf = (document: Document): Validators => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true })
  addFormats.default(ajv)
  ajv.addVocabulary(['example'])
  const textOf = (schema: unknown) =>
    JSON.stringify(schema).replaceAll('"#/components/schemas/', '"document#/$defs/')
  ajv.addSchema({ $id: 'document', $defs: JSON.parse(textOf(document.components.schemas)) as Schema })
  const made = new Map<string, ValidateFunction>()
  return {
    faults: (schema, value) => {
      const text = textOf(schema)
      let validate = made.get(text)
      if (!validate) made.set(text, (validate = ajv.compile(JSON.parse(text) as Schema)))
      validate(value)
      return (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
      )
    },
  }
}
