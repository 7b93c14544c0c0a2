// Random histories of requests and responses, each reuse held against a literal reading of RFC 9111.
import { expect, it } from 'vitest'
import { Headers } from '../../../../proxy/lib/headers.ts'
import { ProxyError } from '../../../../proxy/pipeline/errors.ts'
import type { Exchange } from '../../../../proxy/pipeline/exchange.ts'
import { Reply } from '../../../../proxy/pipeline/reply.ts'
import { type Random, seeded } from '../../../support/random.ts'
import { ReadyBody, type Seen } from '../support.ts'
import { currentAge, type Fields, freshnessLifetime, mayReuse, type State, type Stored } from './model.ts'
import { settle, World } from './world.ts'

/** `FUZZ=100000` for a long run; the seed of a history is printed with what went wrong in it. */
const HISTORIES = Number(process.env.FUZZ ?? 400)
const SEED = Number(process.env.SEED ?? 1)
const STEPS = 25

const URLS = ['/a', '/b', '/c?d'].map(path => `http://app.example.com${path}`)

class History {
  readonly #random: Random
  readonly stored = new Map<string, Stored>()
  readonly world = new World(x => this.#answer(x))
  readonly #name: string
  /** What the origin said since the request under way began. */
  #made = new Set<string>()
  #validated = new Set<string>()
  #failed = false
  #beganS = 0
  #before = new Map<string, Stored>()
  #count = 0
  /** The answer that the same plain request must get as long as it is fresh. */
  readonly #owed = new Map<string, string>()
  hits = 0
  reused = 0

  constructor(seed: number) {
    this.#random = seeded(seed)
    this.#name = `history ${seed}`
  }

  async run(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      this.world.pass(this.#pick([0, 0, 1, 3, 8, 20, 60]))
      this.#made = new Set()
      this.#validated = new Set()
      this.#failed = false
      const owing = [...this.#owed.keys()].map(key => key.split(' '))
      // Often the same again: what is owed must be paid.
      const again = owing.length > 0 && this.#random() < 0.4 ? this.#pick(owing) : undefined
      const url = again?.[0] ?? this.#pick(URLS)
      const method =
        again !== undefined
          ? 'GET'
          : this.#pick(['GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'DELETE'])
      const request = again === undefined ? this.#request() : { 'accept-language': again[1]! }
      const owed = method === 'GET' ? this.#due(url, request) : undefined
      const foreground = this.world.asked.length
      this.#beganS = this.world.now / 1000
      this.#before = new Map([...this.stored.values()].map(it => [it.id, { ...it }]))
      const seen = await this.world.get({ method, url, headers: request })
      const told = `${this.#name} step ${step}: ${method} ${url} ${JSON.stringify(request)}`
      if (method === 'GET' || method === 'HEAD') this.#check(seen, url, request, told)
      if (owed !== undefined) {
        expect(seen.headers.get('x-id'), `${told}: what is fresh is not asked for again`).toBe(owed)
        expect(this.world.asked.length, told).toBe(foreground)
        this.hits++
      }
      await settle()
      this.#remember(method, url, request, seen)
    }
  }

  /** Every answer that the origin did not give just now must be one that may be reused. */
  #check(seen: Seen, url: string, request: Fields, told: string): void {
    const only = /only-if-cached/.test(request['cache-control'] ?? '')
    if (only)
      expect(this.#made.size === 0 || seen.x.cache === 'bypass' || seen.x.cache === 'stale', told).toBe(true)
    if (seen.status === 504) return expect(only, told).toBe(true)
    const id = seen.headers.get('x-id')
    if (id === undefined || this.#made.has(id)) return
    // A hit was answered before whatever went on behind it.
    const hit = seen.headers.get('cache-status')!.startsWith('oriel; hit')
    const stored = (hit ? this.#before : this.stored).get(id)!
    const nowS = hit ? this.#beganS : this.world.now / 1000
    const validated = this.#validated.has(id)
    const why = mayReuse(stored, { nowS, request, url, validated, failed: this.#failed && !hit })
    expect(
      why,
      `${told} got ${id} ${JSON.stringify(stored)} at ${nowS}: ${seen.headers.get('cache-status')}`,
    ).toBe('')
    this.reused++
    if (seen.status === 200 && seen.x.method === 'GET')
      expect(seen.body.toString(), told).toBe(`body of ${id}`)
    const age = Number(seen.headers.get('age'))
    const ages = stored.states.map(state => Math.max(0, currentAge(state, nowS)))
    expect(ages, `${told}: Age of ${id}`).toContain(age)
  }

  /** A plain request right after the same plain one, with nothing between: must be answered from the cache. */
  #due(url: string, request: Fields): string | undefined {
    if (!isPlain(request)) return undefined
    const id = this.#owed.get(`${url} ${request['accept-language']}`)
    const stored = id === undefined ? undefined : this.stored.get(id)
    if (stored === undefined || stored.states.length > 1) return undefined
    const [state] = stored.states
    // Section 5.2.2.4: stored, and asked about each time.
    if (/no-cache/.test(state!.fields['cache-control'] ?? '')) return undefined
    return freshnessLifetime(state!) > currentAge(state!, this.world.now / 1000) ? id : undefined
  }

  #remember(method: string, url: string, request: Fields, seen: Seen): void {
    const key = `${url} ${request['accept-language']}`
    if (seen.x.cache === 'hit') return
    // Whatever was fetched, changed or confirmed: the promise begins anew.
    const plain = method === 'GET' && isPlain(request)
    for (const owed of this.#owed.keys()) if (!plain || owed.startsWith(`${url} `)) this.#owed.delete(owed)
    const id = seen.headers.get('x-id')
    const stored = seen.x.notes.some(it => it.stage === 'cache' && it.reason === 'stored')
    if (plain && id !== undefined && this.#made.has(id) && stored) this.#owed.set(key, id)
  }

  #request(): Fields {
    const fields: Fields = { 'accept-language': this.#pick(['de', 'fr']) }
    const control = this.#pick([
      ...Array<string>(14).fill(''),
      'no-cache',
      'no-store',
      'max-age=0',
      'max-age=10',
      'min-fresh=5',
      'max-stale',
      'max-stale=10',
      'stale-if-error=30',
      'only-if-cached',
      'max-age=5, max-stale=30',
    ])
    if (control !== '') fields['cache-control'] = control
    if (this.#random() < 0.1) fields.authorization = this.#pick(['one', 'two'])
    if (this.#random() < 0.08) fields['if-none-match'] = `"r${1 + Math.floor(this.#random() * 20)}"`
    if (this.#random() < 0.05) fields.range = 'bytes=0-3'
    return fields
  }

  /** The origin: takes its time, counts its answers, confirms some, fails at times. */
  #answer(x: Exchange): Reply {
    const requestS = this.world.now / 1000
    this.world.pass(this.#pick([0, 0, 0, 1, 4]))
    const responseS = this.world.now / 1000
    const url = `http://app.example.com${x.target}`
    const asks = x.asks ?? x.headers
    if (x.method !== 'GET' && x.method !== 'HEAD') return this.#change(url)
    if (this.#random() < 0.12) {
      this.#failed = true
      if (this.#random() < 0.5) throw new ProxyError('connection_refused', 'refused')
      return new Reply(503, Headers.of({}))
    }
    const fields = this.#fields()
    const known = this.stored.get((asks.get('if-none-match') ?? '').replaceAll('"', ''))
    if (known !== undefined && this.#random() < 0.5) {
      const { vary: _, ...update } = fields
      const next = updated(known, update, requestS, responseS)
      // A condition of the client's own that passed the cache by: what is stored need not learn from its 304.
      const own = x.asks === null || x.headers.get('if-none-match') === asks.get('if-none-match')
      known.states = own ? [...known.states, ...next] : next
      this.#validated.add(known.id)
      return new Reply(304, Headers.of({ ...update, etag: `"${known.id}"` }))
    }
    if (x.method === 'HEAD') return this.#head(url, fields, requestS, responseS)
    const id = `r${++this.#count}`
    if (this.#random() < 0.7) fields.etag = `"${id}"`
    const status = this.#pick([200, 200, 200, 200, 200, 404, 301, 204, 500])
    // RFC 5861 section 4 counts it among the failures.
    if (status === 500) this.#failed = true
    const request: Fields = {}
    for (let i = 0; i < x.headers.flat.length; i += 2) request[x.headers.flat[i]!] = x.headers.flat[i + 1]!
    this.#made.add(id)
    const state = { fields, requestS, responseS }
    this.stored.set(id, { id, url, request, status, states: [state], invalidS: Number.POSITIVE_INFINITY })
    const headers = Headers.of({ ...fields, 'x-id': id })
    if (this.#random() < 0.15) headers.append('set-cookie', 'a=b')
    const text = `body of ${id}`
    if (status === 204) return new Reply(status, headers)
    const cutShort = this.#random() < 0.05
    if (cutShort) return new Reply(status, headers, new ReadyBody([text.slice(0, 3)], -1, new Error('cut')))
    return new Reply(
      status,
      headers,
      this.#random() < 0.5 ? Buffer.from(text) : new ReadyBody([text.slice(0, 4), text.slice(4)]),
    )
  }

  /** Section 4.3.5: what is the same version may take these fields, and need not. */
  #head(url: string, fields: Fields, requestS: number, responseS: number): Reply {
    const same = [...this.stored.values()].filter(
      it => it.url === url && it.states[0]!.fields.etag !== undefined,
    )
    const one = same.length > 0 && this.#random() < 0.5 ? this.#pick(same) : undefined
    const { vary: _, ...update } = fields
    if (one === undefined) return new Reply(200, Headers.of({ ...update, etag: '"none"' }))
    one.states = [...one.states, ...updated(one, update, requestS, responseS)]
    return new Reply(200, Headers.of({ ...update, etag: `"${one.id}"` }))
  }

  /** Section 4.4. */
  #change(url: string): Reply {
    const status = this.#pick([200, 201, 303, 400, 500])
    const other = this.#pick(URLS)
    const gone = status < 400 ? [url, other] : []
    for (const it of this.stored.values())
      if (gone.includes(it.url)) it.invalidS = Math.min(it.invalidS, this.world.now / 1000)
    return new Reply(status, Headers.of({ location: new URL(other).pathname + new URL(other).search }))
  }

  #fields(): Fields {
    const nowS = this.world.now / 1000
    const http = (s: number) => new Date(s * 1000).toUTCString()
    const fields: Fields = {}
    const control = Array.from({ length: this.#pick([0, 1, 1, 2, 2, 3]) }, () => this.#pick(DIRECTIVES))
    const unique = [...new Map(control.map(it => [it.split('=')[0], it])).values()]
    if (unique.length > 0) fields['cache-control'] = unique.join(', ')
    if (this.#random() < 0.7) fields.date = http(nowS - this.#pick([0, 0, 0, 2, 15, -5]))
    if (this.#random() < 0.2) fields.expires = http(nowS + this.#pick([-5, 0, 10, 40]))
    if (this.#random() < 0.2) fields.age = this.#pick(['0', '1', '9', '40'])
    if (this.#random() < 0.25)
      fields.vary = this.#pick(['accept-language', 'accept-language, authorization', '*'])
    return fields
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!
  }
}

const DIRECTIVES = [
  'max-age=30',
  'max-age=30',
  'max-age=5',
  'max-age=0',
  's-maxage=20',
  's-maxage=0',
  'public',
  'private',
  'no-store',
  'no-cache',
  'must-revalidate',
  'immutable',
  'stale-while-revalidate=15',
  'stale-if-error=40',
]

/** Section 3.2, for each of what may be stored. */
function updated({ states }: Stored, update: Fields, requestS: number, responseS: number): State[] {
  return states.map(({ fields }) => {
    const { age: _age, date: _date, ...kept } = fields
    return { fields: { ...kept, ...update }, requestS, responseS }
  })
}

const isPlain = (request: Fields): boolean => Object.keys(request).length === 1

it('in random histories nothing is reused that the RFC forbids, and what is fresh is not asked for twice', async () => {
  let hits = 0
  let reused = 0
  for (let i = 0; i < HISTORIES; i++) {
    const history = new History(SEED + i)
    await history.run()
    hits += history.hits
    reused += history.reused
  }
  // It is no proof of correctness to store nothing.
  expect(hits).toBeGreaterThan(HISTORIES / 3)
  expect(reused).toBeGreaterThan(HISTORIES)
}, 3_600_000)
