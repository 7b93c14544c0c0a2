// Active checks: fall and rise, what survives a reload, and the probe against real servers.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { parse } from '../../../config/load.ts'
import type { ActiveCheck, Config } from '../../../config/schema.ts'
import { advance, FRESH } from '../../../control/health/check-state.ts'
import { Checks } from '../../../control/health/checks.ts'
import { probe } from '../../../control/health/probe.ts'
import type { HealthWord } from '../../../proxy/messages.ts'

const check: ActiveCheck = { path: '/h', intervalMs: 5, timeoutMs: 200, fall: 3, rise: 2 }

it('needs `fall` failures and `rise` successes in a row', () => {
  let state = FRESH
  const seen = ['x', 'x', '', 'x', 'x', 'x', '', 'y', '', ''].map(failure => {
    state = advance(state, failure, check)
    return state.healthy
  })
  expect(seen).toEqual([true, true, true, true, true, false, false, false, false, true])
  expect(state).toEqual(FRESH)
})

const configOf = (text: string): Config => {
  const outcome = parse(`routes:\n  shop: ${text}`, '/x/o.yaml')
  if (!outcome.ok) throw new Error(outcome.problems.join('\n'))
  return outcome.config
}
const CHECKED = '{ to: { targets: [1], health: { interval: 5ms, fall: 2, rise: 1 } } }'

async function next(list: HealthWord[], length: number): Promise<void> {
  const end = Date.now() + 3000
  while (list.length < length && Date.now() < end) await new Promise(resolve => setTimeout(resolve, 5))
}

it('tells changes once, and frees an upstream whose check is gone', async () => {
  const words: HealthWord[] = []
  let failure = 'answered 500'
  const checks = new Checks(
    list => words.push(...list),
    async () => failure,
  )
  checks.configure(configOf(CHECKED))
  await next(words, 1)
  expect(words).toEqual([
    { route: 'shop', upstream: 'localhost:1', healthy: false, reason: 'health check /: answered 500' },
  ])
  checks.configure(configOf(CHECKED))
  expect(checks.downWords()).toHaveLength(1)
  failure = ''
  await next(words, 2)
  expect(words[1]).toEqual({ route: 'shop', upstream: 'localhost:1', healthy: true, reason: '' })
  failure = 'gone'
  await next(words, 3)
  checks.configure(configOf('1'))
  expect(words[3]?.healthy).toBe(true)
  expect(checks.downWords()).toEqual([])
  checks.close()
})

it('probes: good and bad status, silence, nobody there', async () => {
  const server = createServer((req, res) => {
    if (req.url === '/ok') res.writeHead(204).end()
    else if (req.url === '/bad') res.writeHead(503).end('no')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const target = { name: `127.0.0.1:${port}`, protocol: 'http' as const, host: '127.0.0.1', port }
  expect(await probe(target, { ...check, path: '/ok' }, true)).toBe('')
  expect(await probe(target, { ...check, path: '/bad' }, true)).toBe('answered 503')
  expect(await probe(target, { ...check, path: '/silent' }, true)).toBe('no answer within 200 ms')
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  expect(await probe(target, check, true)).toBe('refused the connection')
})
