// A protocol switch at an upstream: a socket of its own, HTTP/1.1 by hand until the 101.
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { nowMs } from '../../lib/clock.ts'
import { Headers } from '../../lib/headers.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import { Reply } from '../../pipeline/reply.ts'
import { replyHeaders } from '../forwarded.ts'
import { asTransportError } from './errors.ts'
import { connectPrefaced } from './prefaced.ts'
import type { Outgoing } from './transport.ts'

export interface UpgradeTarget {
  protocol: 'http' | 'https'
  host: string
  port: number
  connectMs: number
  responseMs: number
  verify: boolean
}

const MAX_HEAD_BYTES = 64 * 1024
/** A refusal's body is a page, not a download. */
const MAX_REFUSAL_BYTES = 1024 * 1024
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/

/** @returns a Reply with a tunnel on 101, else the upstream's refusal with its body */
export function upgrade(out: Outgoing, target: UpgradeTarget): Promise<Reply> {
  const { preface } = out
  if (preface !== null && target.protocol === 'https') {
    return new Promise((resolve, reject) => {
      const ready = (socket: Socket) =>
        void negotiate(out, target, dial(target, socket)).then(resolve, reject)
      connectPrefaced(out, preface, target, ready, error => {
        out.onDone(false, nowMs())
        reject(error)
      })
    })
  }
  const socket = dial(target)
  if (preface !== null) socket.write(preface)
  return negotiate(out, target, socket)
}

function negotiate(out: Outgoing, target: UpgradeTarget, socket: Socket): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let timer = setTimeout(() => socket.destroy(timeoutError('connection_timeout', target)), target.connectMs)
    let received = Buffer.alloc(0)
    let settled = false
    const fail = (error: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      if (settled) return
      settled = true
      out.onDone(false, nowMs())
      reject(error instanceof ProxyError ? error : asTransportError(error, out, target))
    }
    out.cancel = () => fail(new ProxyError('client_aborted', 'given up'))
    socket.once(target.protocol === 'https' ? 'secureConnect' : 'connect', () => {
      out.attempt.connectedUs = elapsedUs(out)
      clearTimeout(timer)
      timer = setTimeout(() => fail(timeoutError('http_response_timeout', target)), target.responseMs)
      socket.write(requestHead(out), 'latin1')
    })
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk])
      const end = received.indexOf('\r\n\r\n')
      if (end < 0) {
        if (received.length > MAX_HEAD_BYTES)
          fail(new ProxyError('http_response_header_section_size', 'reply head over 64 KiB'))
        return
      }
      const head = readHead(received.toString('latin1', 0, end))
      if (head === undefined)
        return fail(new ProxyError('http_protocol_error', 'invalid reply to the upgrade'))
      clearTimeout(timer)
      socket.pause()
      socket.off('data', onData)
      settled = true
      out.attempt.headUs = elapsedUs(out)
      out.cancel = () => socket.destroy()
      const early = received.subarray(end + 4)
      if (head.status === 101) resolve(tunnelReply(out, socket, head.headers, early))
      else refusalReply(out, socket, head, early).then(resolve, reject)
    }
    socket.on('data', onData)
    socket.on('error', fail)
    socket.on('end', () =>
      fail(new ProxyError('connection_terminated', 'connection closed before the reply')),
    )
  })
}

/** @param over the connection under TLS, where there is one */
function dial({ protocol, host, port, verify }: UpgradeTarget, over?: Socket): Socket {
  const socket =
    protocol === 'https'
      ? connectTls({
          ...(over === undefined ? { host, port } : { socket: over }),
          servername: isIP(host) ? '' : host,
          rejectUnauthorized: verify,
          ALPNProtocols: ['http/1.1'],
        })
      : connect({ host, port, allowHalfOpen: true })
  return socket.setNoDelay(true)
}

function requestHead(out: Outgoing): string {
  let text = `${out.method} ${out.target} HTTP/1.1\r\nconnection: Upgrade\r\nupgrade: ${out.upgrade}\r\n`
  const { flat } = out.headers
  for (let i = 0; i < flat.length; i += 2) text += `${flat[i]}: ${flat[i + 1]}\r\n`
  return `${text}\r\n`
}

/** @returns undefined when it is not a head */
function readHead(text: string): { status: number; headers: Headers } | undefined {
  const lines = text.split('\r\n')
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/.exec(lines[0]!)
  if (status === null) return undefined
  const flat: string[] = []
  for (let i = 1; i < lines.length; i++) {
    const field = FIELD.exec(lines[i]!)
    if (field === null) return undefined
    flat.push(field[1]!.toLowerCase(), field[2]!)
  }
  return { status: Number(status[1]), headers: new Headers(flat) }
}

function tunnelReply(out: Outgoing, socket: Socket, headers: Headers, early: Buffer): Reply {
  const reply = new Reply(101, replyHeaders(headers.flat))
  reply.tunnel = { stream: socket, early }
  socket.removeAllListeners('end')
  socket.removeAllListeners('error')
  socket.on('error', () => socket.destroy())
  socket.once('close', () => out.onDone(true, nowMs()))
  return reply
}

/** Reads the refusal to its end: its length, else the connection's. */
async function refusalReply(
  out: Outgoing,
  socket: Socket,
  head: { status: number; headers: Headers },
  early: Buffer,
): Promise<Reply> {
  const length = Number(head.headers.get('content-length') ?? -1)
  const chunks = [early]
  let size = early.length
  const whole = (): boolean => length >= 0 && size >= length
  if (!whole()) {
    for await (const chunk of socket) {
      chunks.push(chunk as Buffer)
      size += (chunk as Buffer).length
      if (whole() || size > MAX_REFUSAL_BYTES) break
    }
  }
  socket.destroy()
  out.onDone(true, nowMs())
  const body = Buffer.concat(chunks)
  const headers = replyHeaders(head.headers.flat)
  const framed = head.headers.has('transfer-encoding')
  return new Reply(head.status, headers, framed ? null : length >= 0 ? body.subarray(0, length) : body)
}

function timeoutError(
  type: 'connection_timeout' | 'http_response_timeout',
  { host, port }: UpgradeTarget,
): ProxyError {
  return new ProxyError(type, `no answer to the upgrade in time (${host}:${port})`, {
    unsent: type === 'connection_timeout',
  })
}

function elapsedUs(out: Outgoing): number {
  return Math.round((nowMs() - out.startMs) * 1000)
}
