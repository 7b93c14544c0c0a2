// The JSON schema that editors use is the one that the loader enforces.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { generateSchema } from '../../config/generate-schema.ts'

it('oriel.schema.json is up to date (node config/generate-schema.ts writes it)', () => {
  const written = readFileSync(new URL('../../config/oriel.schema.json', import.meta.url), 'utf8')
  expect(written).toBe(generateSchema())
})
