// Helper: WebSocket connections, each with one small message under way; an echo is there and back.
import { connect, type Socket } from 'node:net'
import { answer } from './answer.ts'
import { clientFrame, serverFrame } from './echo-frames.ts'
import type { LoadResult } from './load-result.ts'

interface Question {
  port: number
  seconds: number
  connections: number
}

interface Totals {
  echoes: number
  errors: number
  timesMs: number[]
}

/** Resolves when the upgrade is accepted. */
function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.write(
      `GET /echo HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    let head = ''
    const onData = (part: Buffer) => {
      head += part.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      socket.off('data', onData)
      if (head.startsWith('HTTP/1.1 101')) resolve(socket)
      else reject(new Error(`no upgrade: ${head.slice(0, 100)}`))
    }
    socket.on('data', onData).on('error', reject)
    socket.once('close', () => reject(new Error('closed before the upgrade')))
  })
}

/** Sends, waits for the echo, sends again, until told to stop. */
function converse(socket: Socket, totals: Totals, running: () => boolean): Promise<void> {
  return new Promise(resolve => {
    let sentMs = 0
    let held = Buffer.alloc(0)
    const fail = () => {
      totals.errors += 1
      resolve()
    }
    const send = () => {
      sentMs = performance.now()
      socket.write(clientFrame)
    }
    socket.once('close', fail)
    socket.on('data', part => {
      held = held.length === 0 ? part : Buffer.concat([held, part])
      if (held.length < serverFrame.length) return
      if (!held.equals(serverFrame)) return void socket.destroy()
      held = Buffer.alloc(0)
      totals.echoes += 1
      totals.timesMs.push(performance.now() - sentMs)
      if (running()) return send()
      socket.off('close', fail)
      resolve()
    })
    send()
  })
}

answer(async ({ port, seconds, connections }: Question): Promise<LoadResult> => {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)))
  const totals: Totals = { echoes: 0, errors: 0, timesMs: [] }
  const startedMs = performance.now()
  const running = () => performance.now() - startedMs < seconds * 1000
  await Promise.all(sockets.map(socket => converse(socket, totals, running)))
  const took = (performance.now() - startedMs) / 1000
  for (const socket of sockets) socket.destroy()
  const times = totals.timesMs.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
  return {
    ...{ operations: totals.echoes, seconds: took, errors: totals.errors },
    ...{ bytes: totals.echoes * serverFrame.length, p50Ms: at(0.5), p99Ms: at(0.99) },
  }
})
