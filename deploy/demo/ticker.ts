// The demo shop's live prices: one timer per backend, an SSE event to each listener.
import type { ServerResponse } from 'node:http'
import { products } from './products.ts'
import { createRandom } from './random.ts'

const maxListeners = 500

export interface Ticker {
  listen(res: ServerResponse): void
  close(): void
}

export function createTicker(seed: number, everyMs = 1000): Ticker {
  const random = createRandom(seed)
  const listeners = new Set<ServerResponse>()
  let sequence = 0
  const event = () => {
    const product = products[random.below(products.length)]!
    const priceCents = Math.round(product.priceCents * (0.95 + random.next() * 0.1))
    return `id: ${++sequence}\nevent: price\ndata: ${JSON.stringify({ id: product.id, priceCents })}\n\n`
  }
  const timer = setInterval(() => {
    if (listeners.size === 0) return
    const text = event()
    for (const res of listeners) {
      // A listener that does not read must not make this process hold its backlog.
      if (res.writableLength > 65536) res.destroy()
      else res.write(text)
    }
  }, everyMs)
  timer.unref()
  return {
    listen(res) {
      if (listeners.size >= maxListeners) {
        res.writeHead(503, { 'cache-control': 'no-store', 'content-length': 0 }).end()
        return
      }
      res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      res.write(`retry: 2000\n\n${event()}`)
      listeners.add(res)
      res.on('close', () => listeners.delete(res))
    },
    close() {
      clearInterval(timer)
      for (const res of listeners) res.end()
    },
  }
}
