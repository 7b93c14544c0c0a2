// Writes config/oriel.schema.json: `npm run build` calls it, a test fails when the file is stale.
import { writeFileSync } from 'node:fs'
import { jsonSchema } from './json-schema.ts'

/** The file's text. */
export function generateSchema(): string {
  return `${JSON.stringify(jsonSchema(), null, 2)}\n`
}

if (import.meta.main) writeFileSync(new URL('oriel.schema.json', import.meta.url), generateSchema())
