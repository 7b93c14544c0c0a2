// What the cache takes of a machine's memory is what it was allowed, however many different things are asked for.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('./memory-of-a-million.ts', import.meta.url))

test('a million distinct keys take the budget and at most a tenth more', { timeout: 120_000 }, () => {
  const budgetBytes = 32 * 1024 ** 2
  const output = execFileSync(process.execPath, [script, '200', String(budgetBytes)], { encoding: 'utf8' })
  const { most, counted, entries } = JSON.parse(output) as { most: number; counted: number; entries: number }
  expect(counted).toBeLessThanOrEqual(budgetBytes)
  expect(counted).toBeGreaterThan(budgetBytes * 0.95)
  expect(most).toBeLessThanOrEqual(budgetBytes * 1.1)
  expect(entries).toBeGreaterThan(10_000)
})
