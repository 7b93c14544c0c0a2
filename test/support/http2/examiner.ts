// A gate before a backend of many manners, and cases of frames with the fates that the RFC permits.
import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../certificate.ts'
import { startGate, type TestGate } from '../gate.ts'
import { startUpstream, type TestUpstream } from '../upstream.ts'
import { FrameClient } from './client.ts'
import { block, pseudo } from './hpack.ts'

export interface FrameCase {
  /** Section of RFC 9113 where no other is named. */
  rule: string
  what: string
  /** Sent first; what follows waits for the end of the answer on `stream`. */
  before?: readonly Buffer[]
  sends: readonly Buffer[]
  /** The stream that is looked at; 1. */
  stream?: number
  /** Fates that the rule permits, as `FrameClient.outcome` says them, the best first. */
  permits: readonly string[]
}

export const GET = block(pseudo())
/** Asks for what never comes: its stream stays open. */
export const MUTE = block(pseudo({ ':path': '/mute' }))
export const POST = block(pseudo({ ':method': 'POST' }))
export const LARGE_BYTES = 1024 * 1024

const answers: Record<string, RequestListener> = {
  '/mute': () => {},
  /** Nor does it read. */
  '/unread': () => {},
  '/large': (_, response) => response.end(Buffer.alloc(LARGE_BYTES, 'x')),
  '/five': (_, response) => response.end('12345'),
  '/empty': (_, response) => response.end(),
  '/204': (_, response) => response.writeHead(204).end(),
  '/304': (_, response) => response.writeHead(304, { etag: '"a"' }).end(),
  '/hints': (_, response) =>
    response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.end('ok')),
  '/hops': (_, response) =>
    response
      .writeHead(200, { connection: 'close, x-hop', 'x-hop': '1', 'keep-alive': 'timeout=9' })
      .end('ok'),
  /** A head of 40 KB: more than a frame. */
  '/fat': (_, response) => {
    for (let i = 0; i < 60; i++) response.setHeader(`x-fat-${i}`, `${i}`.repeat(200))
    response.setHeader('x-long', 'l'.repeat(20_000)).end('12345')
  },
  '/trailers': (_, response) => {
    response.setHeader('trailer', 'x-sum')
    response.write('body')
    response.addTrailers({ 'x-sum': '42' })
    response.end()
  },
  '/early': (_, response) => response.end('enough'),
  '/cut': (_, response) => {
    response.setHeader('content-length', 100)
    response.write('half')
    setImmediate(() => response.destroy())
  },
}

/** `/echo` and all else: method, target, fields and body as they came. */
const echo: RequestListener = (request, response) => {
  let body = ''
  request.on('data', chunk => (body += chunk.toString('latin1')))
  request.on('end', () => {
    const { method, url, rawHeaders, rawTrailers } = request
    const seen = { method, url, rawHeaders, rawTrailers, body: body.slice(0, 1000), bytes: body.length }
    response.end(Buffer.from(JSON.stringify(seen), 'latin1'))
  })
}

export interface Echo {
  method: string
  url: string
  rawHeaders: string[]
  rawTrailers: string[]
  body: string
  bytes: number
}

export interface Bench {
  gate: TestGate
  upstream: TestUpstream
  open(settings?: Buffer): Promise<FrameClient>
}

/** Starts both before the file's tests; what clients are left over goes with them. */
export function openBench(extraYaml = ''): Bench {
  const clients: FrameClient[] = []
  const bench = {
    async open(settings?: Buffer) {
      const client = await FrameClient.open(bench.gate.https, settings === undefined ? {} : { settings })
      clients.push(client)
      return client
    },
  } as Bench
  beforeAll(async () => {
    bench.upstream = await startUpstream((request, response) => {
      const answer = answers[request.url ?? '']
      if (answer === undefined) return echo(request, response)
      if (request.url !== '/unread') request.resume()
      answer(request, response)
    })
    const yaml = `${extraYaml}routes:\n  app.test: 127.0.0.1:${bench.upstream.port}\n`
    bench.gate = await startGate(yaml, [await makeCertificate(['app.test'])])
  })
  afterAll(async () => {
    for (const client of clients) client.destroy()
    await bench.gate.close()
    await bench.upstream.close()
  })
  return bench
}

/** A test for each case. */
export function testFrameCases(bench: Bench, cases: readonly FrameCase[]): void {
  test.each(cases)('$rule: $what', async ({ before, sends, stream = 1, permits }) => {
    const client = await bench.open()
    if (before !== undefined) {
      client.send(...before)
      await client.answer(stream)
    }
    client.send(...sends)
    expect(permits).toContain(await client.outcome(stream))
    expect(client.fault).toBeUndefined()
    client.destroy()
  })
}

/** The request as the backend saw it. */
export async function echoOf(client: FrameClient, stream: number): Promise<Echo> {
  return JSON.parse((await client.answer(stream)).body) as Echo
}
