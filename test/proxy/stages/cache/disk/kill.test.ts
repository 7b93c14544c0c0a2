// kill -9 while the disk tier is filled: what was committed is there and whole, and nothing else is ever served.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { tempDir } from '../../../../telemetry/temp-dir.ts'
import { bodyOf, connect, startKeeper } from './stored.ts'

/** @returns the last entry that was said to be there */
async function fillAndKill(directory: string, afterLines: number): Promise<number> {
  const script = fileURLToPath(new URL('./fill-until-killed.ts', import.meta.url))
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  let last = 0
  let lines = 0
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line)
    if (++lines === afterLines) child.kill('SIGKILL')
  }
  await gone
  return last
}

test('killed three times in a row', { timeout: 60_000 }, async () => {
  const directory = tempDir()
  let last = 0
  for (const lines of [2, 5, 3]) last = await fillAndKill(directory, lines)
  const { keeper, events, socket } = startKeeper(directory)
  const tier = await connect(socket)
  let found = 0
  for (let n = 0; n < last + 200; n++) {
    const primary = `http://app.test/${n}`
    const body = (await tier.find(primary, () => ''))?.body
    if (body !== undefined) expect(body.equals(bodyOf(primary, 500 + ((n * 7919) % 60_000)))).toBe(true)
    if (n <= last) expect(body, primary).toBeDefined()
    if (body !== undefined) found++
  }
  expect(found).toBeGreaterThan(last)
  expect(keeper.health.torn).toBe(0)
  expect(events).toEqual([])
  tier.close()
  keeper.close()
})
