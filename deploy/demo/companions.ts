// The two long-lived demo visitors: one listens to the price ticker, one chats. Both come back when cut off.
import { request } from 'node:http'
import { WebSocket } from 'ws'
import type { Random } from './random.ts'

export interface CompanionOptions {
  url: URL
  host: string
  signal: AbortSignal
  random: Random
}

const againMs = 3000
const lines = [
  'Does the moss bowl go in the oven?',
  'Mine arrived today, lovely glaze.',
  'Which red is that?',
  'Is the harbour mug back in stock?',
  'How long does a firing take?',
  'Thank you!',
]

/** Runs `connect` again and again, with a pause, until the signal. `connect` calls back when its line ended. */
function keepUp(signal: AbortSignal, connect: (ended: () => void) => void): void {
  if (signal.aborted) return
  let over = false
  connect(() => {
    if (over || signal.aborted) return
    over = true
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cancel)
      keepUp(signal, connect)
    }, againMs)
    const cancel = () => clearTimeout(timer)
    signal.addEventListener('abort', cancel, { once: true })
  })
}

function listen({ url, host, signal }: CompanionOptions, ended: () => void): void {
  const headers = { host, accept: 'text/event-stream', 'user-agent': 'PriceWatch/2.1' }
  const req = request({
    hostname: url.hostname,
    port: url.port,
    path: '/ticker',
    headers,
    signal,
    agent: false,
  })
  req.on('error', ended)
  req.on('response', res => {
    res.on('error', ended)
    res.on('close', ended)
    res.resume()
  })
  req.end()
}

function chat({ url, host, signal, random }: CompanionOptions, ended: () => void): void {
  const socket = new WebSocket(`ws://${url.host}/chat`, { headers: { host, 'user-agent': 'ChatClient/1.4' } })
  let timer: NodeJS.Timeout | undefined
  const talk = () => {
    timer = setTimeout(() => {
      socket.send(JSON.stringify({ text: lines[random.below(lines.length)] }))
      talk()
    }, 4000 + random.below(9000))
  }
  const leave = () => socket.terminate()
  signal.addEventListener('abort', leave, { once: true })
  socket.on('open', talk)
  socket.on('error', () => {})
  socket.on('close', () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
    ended()
  })
}

export function startCompanions(options: CompanionOptions): void {
  keepUp(options.signal, ended => listen(options, ended))
  keepUp(options.signal, ended => chat(options, ended))
}
