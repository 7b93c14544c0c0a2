// Requests at a fixed rate, whatever the answers take, and how long each took.
import { Agent, get } from 'node:http'

interface PacedOptions {
  port: number
  perSecond: number
  seconds: number
  /** Of the request with this number. */
  path: (index: number) => string
}

export interface PacedResult {
  answers: number
  /** Not 200, or none. */
  failures: number
  p50Ms: number
  p99Ms: number
  maxMs: number
}

const TICK_MS = 5

/** @returns what it took, or Infinity for a failure */
function ask(port: number, path: string, agent: Agent): Promise<number> {
  const begunMs = performance.now()
  return new Promise(resolve => {
    const request = get({ port, host: '127.0.0.1', path, agent }, response => {
      response.resume()
      response.once('end', () =>
        resolve(response.statusCode === 200 ? performance.now() - begunMs : Number.POSITIVE_INFINITY),
      )
      response.once('error', () => resolve(Number.POSITIVE_INFINITY))
    })
    request.once('error', () => resolve(Number.POSITIVE_INFINITY))
  })
}

export async function paced({ port, perSecond, seconds, path }: PacedOptions): Promise<PacedResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const under: Promise<number>[] = []
  const begunMs = performance.now()
  await new Promise<void>(resolve => {
    const timer = setInterval(() => {
      const passedMs = Math.min(performance.now() - begunMs, seconds * 1000)
      while (under.length < (passedMs * perSecond) / 1000) under.push(ask(port, path(under.length), agent))
      if (passedMs < seconds * 1000) return
      clearInterval(timer)
      resolve()
    }, TICK_MS)
  })
  const took = (await Promise.all(under)).sort((a, b) => a - b)
  agent.destroy()
  const good = took.filter(Number.isFinite)
  const at = (share: number) => good[Math.min(good.length - 1, Math.floor(good.length * share))] ?? Number.NaN
  return {
    answers: good.length,
    failures: took.length - good.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  }
}
