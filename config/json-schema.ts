// The JSON schema of the file, for editors and for suggestions.
import { z } from 'zod'
import { schema } from './schema.ts'

export interface JsonSchema {
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  anyOf?: JsonSchema[]
  [key: string]: unknown
}

/** Draft 2020-12, of the file as people write it. */
export function jsonSchema(): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }) as JsonSchema
  return { $schema, title: 'Oriel configuration', ...rest }
}
