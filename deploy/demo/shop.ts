// The demo shop: one backend process. Three of them, a, b and c, stand behind Oriel in `npm start`.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Answer, sendAnswer } from './answer.ts'
import { openChat } from './chat.ts'
import { pages } from './pages.ts'
import { answerVisit } from './routes.ts'
import { readSession } from './session.ts'
import { type BackendName, createTemperament, type Mood } from './temperament.ts'
import { createTicker } from './ticker.ts'

export interface ShopOptions {
  name: BackendName
  /** 0 takes a free port. */
  port: number
  /** The address to listen on: loopback, except in a container. */
  address?: string
  seed?: number
  tickMs?: number
}

export interface Shop {
  port: number
  close(): Promise<void>
}

const maxFormBytes = 16_384
const closeGraceMs = 500

const failed = (status: number): Answer => ({
  status,
  type: 'text/html; charset=utf-8',
  cache: 'no-store',
  body: pages.problem(status),
  ...(status === 503 ? { headers: { 'retry-after': '1' } } : {}),
})

/** The form of a POST; undefined when it is larger than the shop takes. */
async function readForm(req: IncomingMessage): Promise<URLSearchParams | undefined> {
  const parts: Buffer[] = []
  let sizeBytes = 0
  for await (const part of req as AsyncIterable<Buffer>) {
    sizeBytes += part.length
    if (sizeBytes > maxFormBytes) return undefined
    parts.push(part)
  }
  return new URLSearchParams(Buffer.concat(parts).toString())
}

async function serve(req: IncomingMessage, res: ServerResponse, mood: Mood): Promise<void> {
  const form = req.method === 'POST' ? await readForm(req) : new URLSearchParams()
  await delay(mood.delayMs)
  if (res.destroyed) return
  res.setHeader('server-timing', `app;dur=${mood.delayMs.toFixed(1)}`)
  if (form === undefined) return sendAnswer(req, res, { ...failed(413), headers: { connection: 'close' } })
  if (typeof mood.failure === 'number') return sendAnswer(req, res, failed(mood.failure))
  // A path such as `//x` would be read as a host without the fixed base in front.
  const url = new URL(`http://shop${req.url?.startsWith('/') ? req.url : '/'}`)
  const session = readSession(req.headers.cookie)
  const answer = answerVisit({ method: req.method ?? 'GET', url, session, form })
  sendAnswer(req, res, answer, mood.failure === 'cut')
}

export async function startShop(options: ShopOptions): Promise<Shop> {
  const seed = options.seed ?? 1
  const nextMood = createTemperament(options.name, seed)
  const ticker = createTicker(seed, options.tickMs)
  const server = createServer((req, res) => {
    res.setHeader('x-shop-backend', options.name)
    if (req.url === '/ticker' && req.method === 'GET') return ticker.listen(res)
    if (req.url === '/healthz') {
      res.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end('ok\n')
      return
    }
    serve(req, res, nextMood()).catch(() => res.destroy())
  })
  // Longer than a gate's idle time, so that it is the gate that ends idle connections.
  server.keepAliveTimeout = 65_000
  const chat = openChat(server, options.name)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.address ?? '127.0.0.1', resolve)
  })
  const close = () =>
    new Promise<void>(resolve => {
      ticker.close()
      chat.close()
      server.close(() => resolve())
      setTimeout(() => server.closeAllConnections(), closeGraceMs).unref()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      name: { type: 'string', default: 'a' },
      port: { type: 'string', default: '0' },
      address: { type: 'string', default: '127.0.0.1' },
      seed: { type: 'string', default: '1' },
    },
  })
  const { name } = values
  if (name !== 'a' && name !== 'b' && name !== 'c') throw new Error(`--name is a, b or c, not "${name}"`)
  const { address } = values
  const shop = await startShop({ name, address, port: Number(values.port), seed: Number(values.seed) })
  const stop = () => void shop.close().then(() => process.exit(0))
  if (process.send) {
    // Signals reach the whole group: the gate drains first and then lets go of this channel.
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
    process.once('disconnect', stop)
    // A parent that is gone already has no use for a shop.
    process.send({ type: 'listening', port: shop.port }, error => error && stop())
  } else {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)
    process.stdout.write(`shop ${name} on http://${address}:${shop.port}\n`)
  }
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    process.stderr.write(`shop: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  })
}
