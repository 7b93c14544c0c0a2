// What the stages cost: nanoseconds of CPU for one request through all of them, per path it may take.

import { z } from 'zod'
import { Headers } from '../../../proxy/lib/headers.ts'
import { NO_CONNECTION } from '../../../proxy/pipeline/connection.ts'
import {
  type ClientEnd,
  Exchange,
  type Pipeline,
  type RequestHead,
} from '../../../proxy/pipeline/exchange.ts'
import { finish, handle } from '../../../proxy/pipeline/handle.ts'
import { Reply } from '../../../proxy/pipeline/reply.ts'
import type { Stage, StageEnv, StageModule } from '../../../proxy/pipeline/stage.ts'
import { stages } from '../../../proxy/stages/index.ts'

/** A browser's fields: what a pass over them really costs. */
const BROWSER = [
  'host',
  'app.example.com',
  'connection',
  'keep-alive',
  'user-agent',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
  'accept',
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-language',
  'de,en;q=0.7',
  'accept-encoding',
  'gzip, deflate, br, zstd',
  'referer',
  'https://app.example.com/shop',
  'cookie',
  'session=0123456789abcdef; theme=dark',
  'sec-fetch-dest',
  'document',
  'sec-fetch-mode',
  'navigate',
  'sec-fetch-site',
  'same-origin',
]

const REPLY = [
  'content-type',
  'image/webp',
  'content-length',
  '2000',
  'date',
  new Date().toUTCString(),
  'etag',
  '"33a64df551425fcc"',
  'last-modified',
  'Tue, 04 Nov 2025 10:00:00 GMT',
  'server',
  'shop',
  'via',
  '1.1 oriel',
]

const BODY = Buffer.alloc(2000, 'text that compresses ')
const ROUNDS = 7
const PASSES = 60_000
/** Few at a time, as in a worker: exchanges that live long would measure the garbage collector. */
const BATCH = 100

const wire: ClientEnd = {
  send(x, reply) {
    const body = reply.take()
    if (body !== null && !Buffer.isBuffer(body)) body.cancel()
    finish(x, () => {})
  },
  interim() {},
}

/** As from the parser: strings of their own, so that nothing profits from being the same object. */
function fresh(flat: readonly string[]): string[] {
  return flat.map(text => Buffer.from(text, 'latin1').toString('latin1'))
}

function exchange(target: string, fields: string[]): Exchange {
  const head: RequestHead = {
    method: 'GET',
    target,
    scheme: 'https',
    protocol: '1.1',
    authority: 'app.example.com',
    headers: new Headers(fields),
    upgrade: '',
    expectsContinue: false,
    connection: { ...NO_CONNECTION, peer: '203.0.113.9' },
    tls: null,
    place: null,
  }
  const x = new Exchange(head, wire)
  x.host = 'app.example.com'
  x.path = target
  return x
}

function pipeline(config: Record<string, unknown>, reply: () => Reply): Pipeline {
  const kept = new Map<string, unknown>()
  const env: StageEnv = {
    route: 'app.example.com',
    keep<T>(name: string, make: () => T): T {
      if (!kept.has(name)) kept.set(name, make())
      return kept.get(name) as T
    },
  }
  const built: Stage[] = []
  for (const module of stages as readonly StageModule<unknown>[]) {
    const given = module.name in config ? module.schema(z).parse(config[module.name]) : module.fallback
    const stage = given === undefined ? undefined : module.create(given, env)
    if (stage !== undefined) built.push(stage)
  }
  return { route: 'app.example.com', stages: built, forward: (x, end) => end.replied(x, reply()) }
}

/** CPU time of this thread, so that busy neighbours count little. @returns the best round's nanoseconds for one pass, the making of the exchange taken off */
async function measure(line: Pipeline, target: (i: number) => string, extra: string[] = []): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  let n = 0
  for (let round = 0; round < ROUNDS; round++) {
    let spentUs = 0
    for (let done = 0; done < PASSES; done += BATCH) {
      const batch = Array.from({ length: BATCH }, () => exchange(target(n++), fresh([...BROWSER, ...extra])))
      const before = process.threadCpuUsage()
      for (const x of batch) handle(x, line)
      const { user, system } = process.threadCpuUsage(before)
      spentUs += user + system
    }
    best = Math.min(best, (spentUs * 1000) / PASSES)
  }
  return best
}

const plain = () => new Reply(200, new Headers(REPLY.slice()), BODY)
const text = () => new Reply(200, new Headers(['content-type', 'text/html', ...REPLY.slice(2)]), BODY)
const stored = (reply: () => Reply) => () => {
  const made = reply()
  made.headers.append('cache-control', 'max-age=3600')
  return made
}
const limit = '1000000/s'
const one = () => '/shop/item/17'
const each = (i: number) => `/shop/item/${i}`

const rows: [string, Pipeline, (i: number) => string, string[]?][] = [
  ['no stage at all', { ...pipeline({}, plain), stages: [] }, one],
  ['pass-through: trace, route, guard, compress', pipeline({}, plain), one],
  ['pass-through with limit', pipeline({ limit }, plain), one],
  ['cache hit', pipeline({ limit, cache: true }, stored(plain)), one],
  ['cache hit, compressed form kept', pipeline({ limit, cache: true }, stored(text)), one],
  [
    'cache hit, 304',
    pipeline({ limit, cache: true }, stored(plain)),
    one,
    ['if-none-match', '"33a64df551425fcc"'],
  ],
  ['cache miss, stored', pipeline({ limit, cache: true }, stored(plain)), each],
  ['cache miss, not to be stored', pipeline({ limit, cache: true }, plain), each],
]

console.log(
  `ns of CPU per request through handle(), best of ${ROUNDS} × ${PASSES}, Node ${process.versions.node}`,
)
for (const [name, line, target, extra] of rows) {
  console.log(
    `${Math.round(await measure(line, target, extra))
      .toString()
      .padStart(7)}  ${name}`,
  )
}
