// An exact-accounting load client: every request ends in one counted outcome.
import { connect, type Socket } from 'node:net'

export interface LoadOptions {
  port: number
  /** Whole request heads, taken in turn. */
  requests: (index: number) => string
  connections: number
  /** Requests in all; or until `stop` is called. */
  total?: number
  /** Every connection closes after one request. */
  fresh?: boolean
  /** Pause between a connection's requests. */
  gapMs?: number
  /** A kept connection that closed under a request counts as `closed`; else it is asked again, as clients do. */
  strict?: boolean
}

export interface Load {
  /** status → count; `refused`, `broken`: no answer. */
  outcomes: Map<string, number>
  stop(): void
  done: Promise<void>
}

/** Keep-alive connections, one request at a time on each; a lost connection is opened again. */
export function startLoad(options: LoadOptions): Load {
  const outcomes = new Map<string, number>()
  let next = 0
  let stopped = false
  const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  const wanted = (): boolean => !stopped && next < (options.total ?? Number.POSITIVE_INFINITY)
  const lanes = Array.from({ length: options.connections }, async () => {
    let socket: Socket | undefined
    while (wanted()) {
      const index = next++
      // Who sees the end of a connection before the next request needs another one: that loses nothing.
      if (socket?.readableEnded || socket?.destroyed) socket = undefined
      const reused = socket !== undefined
      socket ??= await dial(options.port)
      if (socket === undefined) {
        count('refused')
        continue
      }
      const outcome = await exchange(socket, options.requests(index))
      // A connection that closed between two requests, before one byte of an answer: asked again, as clients do.
      if (outcome.status === 'closed' && reused && !options.strict) {
        socket = await dial(options.port)
        if (socket === undefined) count('refused')
        else {
          const again = await exchange(socket, options.requests(index))
          count(again.status)
          if (!again.keep) socket = undefined
        }
      } else {
        count(outcome.status)
        if (!outcome.keep || options.fresh) {
          socket.destroy()
          socket = undefined
        }
      }
      if (options.gapMs !== undefined) await new Promise(resolve => setTimeout(resolve, options.gapMs))
    }
    socket?.destroy()
  })
  return { outcomes, stop: () => (stopped = true), done: Promise.all(lanes).then(() => {}) }
}

function dial(port: number): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('connect', () => resolve(socket))
    // Stays for the socket's life: a reset between two requests is no crash of ours.
    socket.on('error', () => resolve(undefined))
  })
}

/** `closed`: the connection ended before any byte; `broken`: within the answer. */
function exchange(socket: Socket, request: string): Promise<{ status: string; keep: boolean }> {
  return new Promise(resolve => {
    let text = ''
    const done = (status: string, keep: boolean): void => {
      socket.off('data', onData).off('close', onEnd).off('end', onEnd).off('error', onEnd)
      if (!keep) socket.destroy()
      resolve({ status, keep })
    }
    const onEnd = (): void => done(text === '' ? 'closed' : 'broken', false)
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = text.slice(0, end)
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)
      const whole = length
        ? text.length >= end + 4 + Number(length[1])
        : /\r\ntransfer-encoding: *chunked/i.test(head)
          ? text.endsWith('\r\n0\r\n\r\n')
          : true
      if (whole) done(head.slice(9, 12), !/\r\nconnection: *close/i.test(head))
    }
    socket.on('data', onData).on('close', onEnd).on('end', onEnd).on('error', onEnd)
    socket.write(request, 'latin1')
  })
}
