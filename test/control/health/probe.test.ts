// An HTTP/2 upstream that is well must not be taken out because it was asked in HTTP/1.1.
import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { ActiveCheck } from '../../../config/schema.ts'
import { parseTarget } from '../../../config/target.ts'
import { probe } from '../../../control/health/probe.ts'
import { startRawUpstream } from '../../support/upstream.ts'

const check: ActiveCheck = { path: '/healthz', intervalMs: 1000, timeoutMs: 2000, fall: 1, rise: 1 }

function targetAt(port: number) {
  const target = parseTarget(`h2c://127.0.0.1:${port}`)
  if (typeof target === 'string') throw new Error(target)
  return target
}

test('an h2c upstream is asked in HTTP/2, and told apart from one that is ill, mute or gone', async () => {
  const server = createServer()
  server.on('stream', (stream, fields) => {
    stream.respond({ ':status': fields[':path'] === '/healthz' ? 200 : 503 }, { endStream: true })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = targetAt((server.address() as AddressInfo).port)
  expect(await probe(target, check, true)).toBe('')
  expect(await probe(target, { ...check, path: '/ill' }, true)).toBe('answered 503')
  await new Promise(resolve => server.close(resolve))
  expect(await probe(target, check, true)).toBe('refused the connection')
  const mute = await startRawUpstream(() => {})
  expect(await probe(targetAt(mute.port), { ...check, timeoutMs: 50 }, true)).toBe('no answer within 50 ms')
  await mute.close()
})
