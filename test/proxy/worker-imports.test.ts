// There are as many workers as cores: what one loads for nothing, the machine pays for that often.
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const ENTRY = 'proxy/worker.ts'

/** Parsing, the API, the database, the log are work of the control process; HTTP/2 is loaded when it is spoken, and node:http would load it. */
const NOT_HERE = /^(node:http|node:http2|zod|hono|@hono\/.*|better-sqlite3|pino|yaml)(\/|$)/

/** Module names that a file imports by value; `import { type X }` counts, it stays an import at run time. */
function valueImports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(/^(?:import|export)\s+(?!type\s)(?:[^;'"]*?from\s+)?['"]([^'"]+)['"]/gm)
  return [...found].map(match => match[1]!)
}

/** Every module that a start of the worker loads, with the way to it. */
function loaded(): Map<string, string> {
  const ways = new Map([[ENTRY, ENTRY]])
  for (const [file, way] of ways) {
    if (!file.endsWith('.ts')) continue
    for (const name of valueImports(file)) {
      const to = name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name
      if (!ways.has(to)) ways.set(to, `${way} → ${to}`)
    }
  }
  return ways
}

test('a worker starts without the libraries that only others need', () => {
  const ways = loaded()
  expect([...ways].filter(([name]) => NOT_HERE.test(name)).map(([, way]) => way)).toEqual([])
  // The walk itself works: it came as far as the stages.
  expect(ways.has('proxy/stages/index.ts')).toBe(true)
})
