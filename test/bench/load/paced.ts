// Helper: requests at a fixed rate, whatever the answers take, and how long each took.
import { connect, type Socket } from 'node:net'
import { setPriority } from 'node:os'
import { answer } from './answer.ts'

export interface PacedQuestion {
  port: number
  perSecond: number
  seconds: number
  /** `#` stands for the request's number. */
  path: string
  first: number
  /** Nice value: load that is there to keep others busy does not take the processor from what is measured. */
  niceness: number
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
/** Kept alive, one request at a time on each. */
const idle: Socket[] = []

/** Resolves with what it took; Infinity for a failure. */
async function ask(port: number, path: string): Promise<number> {
  const begunMs = performance.now()
  const socket = idle.pop() ?? connect({ port, host: '127.0.0.1', noDelay: true })
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  const good = await whole(socket)
  const tookMs = performance.now() - begunMs
  if (good) idle.push(socket)
  else socket.destroy()
  return good ? tookMs : Number.POSITIVE_INFINITY
}

/** Resolves when the answer is there. @returns it was a 200, and the connection can be used again */
function whole(socket: Socket): Promise<boolean> {
  return new Promise(resolve => {
    let missing = -1
    let head = ''
    const done = (good: boolean) => {
      socket.removeAllListeners()
      socket.on('error', () => {})
      resolve(good)
    }
    socket.on('data', part => {
      if (missing >= 0) missing -= part.length
      else {
        head += part.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        missing = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN) - (head.length - end - 4)
      }
      if (!(missing > 0)) done(missing === 0 && head.startsWith('HTTP/1.1 200'))
    })
    socket.once('close', () => done(false)).once('error', () => done(false))
  })
}

answer(async ({ port, perSecond, seconds, path, first, niceness }: PacedQuestion): Promise<PacedResult> => {
  setPriority(niceness)
  const under: Promise<number>[] = []
  const begunMs = performance.now()
  await new Promise<void>(resolve => {
    const timer = setInterval(() => {
      const passedMs = Math.min(performance.now() - begunMs, seconds * 1000)
      while (under.length < (passedMs * perSecond) / 1000)
        under.push(ask(port, path.replace('#', String(first + under.length))))
      if (passedMs < seconds * 1000) return
      clearInterval(timer)
      resolve()
    }, TICK_MS)
  })
  const took = (await Promise.all(under)).sort((a, b) => a - b)
  for (const socket of idle.splice(0)) socket.destroy()
  const good = took.filter(Number.isFinite)
  const at = (share: number) => good[Math.min(good.length - 1, Math.floor(good.length * share))] ?? Number.NaN
  return {
    answers: good.length,
    failures: took.length - good.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  }
})
