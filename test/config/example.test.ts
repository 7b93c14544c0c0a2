// The example file is right, shows every option, and shows the real defaults.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readDocument } from '../../config/document.ts'
import { type JsonSchema, jsonSchema } from '../../config/json-schema.ts'
import { parse } from '../../config/load.ts'

const text = readFileSync(new URL('../../config/oriel.example.yaml', import.meta.url), 'utf8')
const outcome = parse(text, '/x/oriel.example.yaml')
const value = readDocument(text, { env: {}, readFile: () => '' }).value
const APP = 'app.example.com'

it('parses', () => {
  expect(outcome.ok ? [] : outcome.problems).toEqual([])
})

/** Every key that may stand somewhere: `client.head`, `routes.*.to.health.path`. */
function keys(schema: JsonSchema, path: string): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => [
    `${path}${key}`,
    ...keys(child, `${path}${key}.`),
  ])
  const any =
    typeof schema.additionalProperties === 'object' ? keys(schema.additionalProperties, `${path}*.`) : []
  return [...own, ...any, ...(schema.anyOf ?? []).flatMap(branch => keys(branch, path))]
}

function has(node: unknown, path: string[]): boolean {
  const [first, ...rest] = path
  if (first === undefined) return true
  if (typeof node !== 'object' || node === null) return false
  const key = first === '*' ? APP : first
  return key in node && has((node as Record<string, unknown>)[key], rest)
}

it('shows every key', () => {
  const missing = keys(jsonSchema(), '').filter(key => !has(value, key.split('.')))
  // Shown as a comment: the files do not exist.
  expect(missing).toEqual([])
})

it('shows the defaults', () => {
  const written = parse(text, '/x/oriel.example.yaml')
  const bare = parse('routes: { hello.example.com: "localhost:3000" }', '/x/oriel.example.yaml')
  if (!written.ok || !bare.ok) throw new Error('both parse')
  const { routes, ...settings } = written.config
  const { routes: bareRoutes, ...defaults } = bare.config
  expect(settings).toEqual(defaults)
  expect(routes[0]).toEqual(bareRoutes[0])
  expect(routes[1]?.timeout).toEqual(bareRoutes[0]?.timeout)
})
