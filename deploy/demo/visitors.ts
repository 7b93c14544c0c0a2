// Light synthetic visitors for the demo: they make the dashboard move, on loopback only, until told to stop.
import { parseArgs } from 'node:util'
import { startCompanions } from './companions.ts'
import { nextErrand, type Step } from './itinerary.ts'
import { createPersona, type Persona } from './persona.ts'
import { createRandom, type Random } from './random.ts'

export interface VisitorsOptions {
  /** Where Oriel listens, for example http://127.0.0.1:8080. Only loopback is accepted. */
  url: string
  /** The Host field to send. */
  host: string
  signal: AbortSignal
  /** Mean of the ordinary requests; bursts come on top. */
  ratePerSecond?: number
  seed?: number
}

export interface Visitors {
  /** Requests answered so far, by status; 0 stands for no or half an answer. */
  counts: ReadonlyMap<number, number>
}

const maxInFlight = 48
/** A crowd comes every 20 s for 2 s; a scraper every 60 s, fast enough to meet the API's rate limit. */
const crowdEveryMs = 20_000
const crowdMs = 2000
const scrapeEveryMs = 60_000
const scrapeRequests = 80

const userAgents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36',
  'KilnApp/3.2 (Android 14)',
  'curl/8.14.1',
  'Googlebot/2.1 (+http://www.google.com/bot.html)',
]

function isLoopback(url: URL): boolean {
  return (
    url.protocol === 'http:' && /^(127\.\d+\.\d+\.\d+|localhost|.+\.localhost|\[::1\])$/.test(url.hostname)
  )
}

/** The wait before the next ordinary request: Poisson arrivals on a slow wave, denser in a crowd. */
function gapMs(random: Random, ratePerSecond: number, sinceStartMs: number): number {
  const wave = 1 + 0.25 * Math.sin(sinceStartMs / 9000)
  const crowd = sinceStartMs % crowdEveryMs < crowdMs ? 2.5 : 0.85
  return random.exponential(1000 / (ratePerSecond * wave * crowd))
}

/** Starts them. Throws only for an address that is not loopback; later troubles count as status 0. */
export function startVisitors({
  url,
  host,
  signal,
  ratePerSecond = 10,
  seed = 7,
}: VisitorsOptions): Visitors {
  const target = new URL(url)
  if (!isLoopback(target)) throw new TypeError(`visitors go to a loopback http address only, not to ${url}`)
  const random = createRandom(seed)
  const counts = new Map<number, number>()
  const persona = (userAgent: string, addressEnd: number, maxSockets = 6) =>
    createPersona({ url: target, host, signal, userAgent, addressEnd, maxSockets })
  const people = userAgents.map((userAgent, index) => ({
    who: persona(userAgent, index + 2),
    plan: [] as Step[],
  }))
  const scraper = persona('python-requests/2.32.5', 66, 8)
  const startedMs = performance.now()
  let inFlight = 0

  const send = async (who: Persona, step: Step) => {
    inFlight++
    const status = await who.visit(step)
    inFlight--
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }
  let timer: NodeJS.Timeout
  const next = () => {
    timer = setTimeout(next, gapMs(random, ratePerSecond, performance.now() - startedMs))
    const { who, plan } = people[random.below(people.length)]!
    if (inFlight >= maxInFlight) return
    if (plan.length === 0) plan.push(...nextErrand(random))
    void send(who, plan.shift()!)
  }
  const scrape = setInterval(() => {
    const steps = Array.from({ length: scrapeRequests }, (_, index) => `/api/products/${(index % 36) + 1}`)
    for (const path of steps) void send(scraper, { method: 'GET', path })
  }, scrapeEveryMs)
  const stop = () => {
    clearTimeout(timer)
    clearInterval(scrape)
    for (const { who } of people) who.close()
    scraper.close()
  }
  if (signal.aborted) {
    stop()
    return { counts }
  }
  signal.addEventListener('abort', stop, { once: true })
  startCompanions({ url: target, host, signal, random: createRandom(seed + 1) })
  next()
  return { counts }
}

function main(): void {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      host: { type: 'string', default: 'shop.localhost' },
      rate: { type: 'string', default: '10' },
    },
  })
  const ending = new AbortController()
  const stop = () => {
    ending.abort()
    // An open channel to the parent would keep this process alive.
    if (process.connected) process.disconnect()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  process.once('disconnect', stop)
  startVisitors({
    url: values.url,
    host: values.host,
    signal: ending.signal,
    ratePerSecond: Number(values.rate) || 10,
  })
}

if (import.meta.main) main()
