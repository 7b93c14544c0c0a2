// A real admin server on a free port over services that answer from memory, and a client that may send any header.
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { ExchangeRow, LiveEvent, Tick } from '../../../control/admin/contract.ts'
import type { Status } from '../../../control/admin/contract-status.ts'
import { type Admin, startAdmin } from '../../../control/admin/server.ts'
import type { AdminServices } from '../../../control/admin/services.ts'
import type { Purge } from '../../../proxy/stages/cache/purge/purge.ts'
import { parseFilter } from '../../../telemetry/query/filter.ts'

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  body: string
  json: unknown
}

export interface Ask {
  method?: string
  headers?: Record<string, string>
  body?: string
}

export interface TestAdmin extends Admin {
  data: string
  services: FakeServices
  /** What was logged, as text. */
  logged(): string
  /** As a stranger. */
  ask(path: string, options?: Ask): Promise<Reply>
  /** As the dashboard after a login. */
  cookie(): Promise<string>
  open(path: string, headers?: Record<string, string>): Promise<IncomingMessage>
  stop(): Promise<void>
}

/** As the dashboard writes. */
export const WRITE = { 'x-oriel-request': '1', 'content-type': 'application/json' }

export const tick = (at: number): Tick => ({
  at,
  requests: 3,
  errors: 0,
  limited: 0,
  byStatus: { ok: 3, redirect: 0, client: 0, limited: 0, server: 0, aborted: 0 },
  p50Us: 900,
  p95Us: 1900,
  p99Us: 2500,
  cacheShare: null,
  outBytes: 100,
  inFlight: 1,
})

export class FakeServices implements AdminServices {
  asked: { question: string; params: unknown }[] = []
  listeners = new Set<(event: LiveEvent) => void>()
  rows: ExchangeRow[] = []
  isReady = true
  /** Thrown by the next question. */
  failure: Error | null = null
  /** Answer of the next questions. */
  answer: unknown = { fake: true }
  reloads = 0

  ask = async (question: string, params: unknown): Promise<never> => {
    this.asked.push({ question, params })
    if (this.failure !== null) throw this.failure
    return this.answer as never
  }
  status = async (): Promise<Status> => ({ version: '9.9.9' }) as Status
  upstreamStates = () => []
  inFlight = () => 7
  ticks = () => Array.from({ length: 100 }, (_, index) => tick(index * 1000))
  subscribe = (q: string, listener: (event: LiveEvent) => void) => {
    parseFilter(q)
    this.listeners.add(listener)
    listener({ type: 'exchanges', rows: this.rows, skipped: 0 })
    return () => void this.listeners.delete(listener)
  }
  explain = async () => ({ route: 'shop', decisions: [], outcome: '200', upstream: '' })
  reload = async () => ({ ok: true, generation: ++this.reloads, problems: [] })
  cached = async () => ({ rows: [], next: null, total: 0, listed: true })
  purged: Purge[] = []
  purge = async (purge: Purge) => {
    this.purged.push(purge)
    return { entries: 3, memory: 4, disk: 3, workers: 2, silent: 0, tookMs: 1.5, dryRun: purge.dryRun }
  }
  metrics = async (accept: string) => ({ contentType: 'text/plain; version=0.0.4', body: `# ${accept}\n` })
  ready = () => this.isReady

  emit(event: LiveEvent): void {
    for (const listener of this.listeners) listener(event)
  }
}

export interface Setup {
  host?: string
  data?: string
  dashboard?: string
}

export async function testAdmin(setup: Setup = {}): Promise<TestAdmin> {
  const data = setup.data ?? mkdtempSync(join(tmpdir(), 'oriel-admin-'))
  const services = new FakeServices()
  const lines: string[] = []
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) })
  const address = { host: setup.host ?? '127.0.0.1', port: 0 }
  const dashboard = setup.dashboard ?? join(data, 'no-dashboard')
  const admin = await startAdmin({ address, data, services, log, dashboard })
  const ask = (path: string, options?: Ask) => send(admin.port, path, options)
  return {
    ...admin,
    data,
    services,
    ask,
    logged: () => lines.join(''),
    async cookie() {
      const reply = await ask(pathOf(admin.link()))
      return reply.headers['set-cookie']![0]!.split(';')[0]!
    },
    open: (path, headers = {}) => openStream(admin.port, path, headers),
    async stop() {
      await admin.close()
      if (setup.data === undefined) rmSync(data, { recursive: true, force: true })
    },
  }
}

export const pathOf = (url: string): string => url.slice(new URL(url).origin.length)

function send(port: number, path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers, agent: false }
    const outgoing = request(options, async incoming => {
      let text = ''
      for await (const chunk of incoming.setEncoding('utf8')) text += chunk
      const { statusCode: status = 0, headers } = incoming
      const isJson = headers['content-type']?.startsWith('application/json') === true
      resolve({ status, headers, body: text, json: isJson && text !== '' ? JSON.parse(text) : undefined })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function openStream(port: number, path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, headers, agent: false }, resolve)
    outgoing.on('error', reject)
    outgoing.end()
  })
}
