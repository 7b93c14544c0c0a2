// A protocol switch at an upstream: a connection of its own, HTTP/1.1 until the 101, then a tunnel.
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { nowMs } from '../../lib/clock.ts'
import { Headers } from '../../lib/headers.ts'
import { readFields } from '../../lib/http1/fields.ts'
import { HeadReader } from '../../lib/http1/head-reader.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import { Reply } from '../../pipeline/reply.ts'
import { asTransportError, CLOSED, incompleteError } from './errors.ts'
import { type BodySource, ReplyBody } from './http1/reply-body.ts'
import { type ReplyHead, readReplyHead } from './http1/reply-head.ts'
import { connectPrefaced } from './prefaced.ts'
import type { Outgoing } from './transport.ts'
import { acceptOf, makeKey } from './websocket-accept.ts'

export interface UpgradeTarget {
  protocol: 'http' | 'https'
  host: string
  port: number
  connectMs: number
  responseMs: number
  /** Between two pieces of a refusal's body. */
  idleMs: number
  /** Between two pieces in the tunnel, either way. */
  tunnelMs: number
  verify: boolean
}

const MAX_HEAD_BYTES = 64 * 1024
/** More interim responses than this are a bug or an attack. */
const MAX_INTERIM = 16

/** @returns a Reply with a tunnel on 101, else the upstream's refusal with its body */
export function upgrade(out: Outgoing, target: UpgradeTarget): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const begin = (socket: Socket): void => void new Upgrade(out, target, socket, resolve, reject)
    const { preface } = out
    if (preface === null) return begin(dial(target))
    if (target.protocol === 'https') {
      return connectPrefaced(
        out,
        preface,
        target,
        over => begin(dial(target, over)),
        error => {
          out.onDone(false, nowMs())
          reject(error)
        },
      )
    }
    const socket = dial(target)
    socket.write(preface)
    begin(socket)
  })
}

class Upgrade implements BodySource {
  readonly #out: Outgoing
  readonly #target: UpgradeTarget
  readonly #resolve: (reply: Reply) => void
  readonly #reject: (error: ProxyError) => void
  readonly #socket: Socket
  readonly #head = new HeadReader(MAX_HEAD_BYTES)
  readonly #key: string
  /** The client's own key, which stands among its fields. */
  readonly #brought: boolean
  #timer: NodeJS.Timeout
  #interim = 0
  #refusal: ReplyBody | null = null
  #over = false

  constructor(
    out: Outgoing,
    target: UpgradeTarget,
    socket: Socket,
    resolve: (reply: Reply) => void,
    reject: (error: ProxyError) => void,
  ) {
    this.#out = out
    this.#target = target
    this.#resolve = resolve
    this.#reject = reject
    const brought = out.headers.get('sec-websocket-key')
    this.#brought = brought !== undefined
    this.#key = brought ?? makeKey()
    out.cancel = () => this.#fail(new ProxyError('client_aborted', 'given up'))
    this.#timer = this.#within(target.connectMs, 'connection_timeout')
    this.#socket = socket
    socket.once(target.protocol === 'https' ? 'secureConnect' : 'connect', () => this.#connected())
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('close', this.#onEnd)
  }

  hold(): void {
    clearTimeout(this.#timer)
    this.#socket.pause()
  }

  flow(): void {
    if (this.#over) return
    this.#moved()
    this.#socket.resume()
  }

  completed(): void {
    this.#finish(true)
    this.#socket.destroy()
  }

  abandon(): void {
    this.#finish(false)
    this.#socket.destroy()
  }

  #connected(): void {
    this.#out.attempt.connectedUs = this.#elapsedUs()
    clearTimeout(this.#timer)
    this.#timer = this.#within(this.#target.responseMs, 'http_response_timeout')
    this.#socket.write(requestHead(this.#out, this.#brought ? '' : this.#key), 'latin1')
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#refusal !== null) return this.#refusalData(this.#refusal, chunk)
    let rest = chunk
    for (;;) {
      const read = this.#head.push(rest)
      if (read === undefined) return
      if (read === 'too-large')
        return this.#fail(
          new ProxyError(
            'http_response_header_section_size',
            'upstream_headers_too_big: reply head over 64 KiB',
          ),
        )
      rest = rest.subarray(read.rest)
      const head = readReplyHead(read.head, this.#out.method)
      if (typeof head === 'string') return this.#invalid(head)
      if (head.status === 101) return this.#switched(read.head, head, rest)
      if (head.status >= 200) return this.#refused(head, rest)
      if (++this.#interim > MAX_INTERIM) return this.#invalid('invalid reply: too many interim responses')
      if (head.status > 101) this.#out.onInterim(head.status, new Headers(head.block))
      if (rest.length === 0) return
    }
  }

  /** RFC 6455 section 4.1: whoever does not prove that it read the key did not agree. */
  #switched(text: string, head: ReplyHead, early: Buffer): void {
    const fields = new Headers(readFields(text, text.indexOf('\r\n') + 2))
    const field = (name: string): string => fields.list(name) ?? ''
    const agreed =
      field('upgrade').toLowerCase() === this.#out.upgrade &&
      /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(field('connection')) &&
      field('sec-websocket-accept') === acceptOf(this.#key)
    if (!agreed) {
      const text = `the upstream switched protocols, but not as it was asked (${this.#place})`
      return this.#fail(new ProxyError('http_upgrade_failed', text))
    }
    clearTimeout(this.#timer)
    const socket = this.#socket
    socket.pause()
    this.#out.attempt.headUs = this.#elapsedUs()
    const reply = new Reply(101, new Headers(head.block))
    reply.tunnel = { stream: socket, early: Buffer.from(early), idleMs: this.#target.tunnelMs }
    this.#over = true
    socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd)
    socket.off('error', this.#onError).on('error', () => socket.destroy())
    socket.once('close', hadError => this.#out.onDone(!hadError, nowMs()))
    this.#out.cancel = () => socket.destroy()
    this.#resolve(reply)
  }

  /** Anything but 101 is an ordinary reply, and its body flows like one. */
  #refused(head: ReplyHead, rest: Buffer): void {
    this.#out.attempt.headUs = this.#elapsedUs()
    this.#moved()
    const headers = new Headers(head.block)
    if (head.framing === 'none' || head.length === 0) {
      this.completed()
      return this.#resolve(new Reply(head.status, headers, null))
    }
    const body = new ReplyBody(this, head)
    this.#refusal = body
    const problem = rest.length > 0 ? body.push(Buffer.from(rest)) : ''
    if (problem !== '') {
      this.#refusal = null
      return this.#invalid(problem)
    }
    this.#resolve(new Reply(head.status, headers, body.takeWhole() ?? body))
  }

  #refusalData(body: ReplyBody, chunk: Buffer): void {
    this.#moved()
    const problem = body.push(chunk)
    if (problem !== '') this.#invalid(problem)
  }

  readonly #onEnd = (): void => {
    if (this.#over || this.#refusal?.connectionEnded()) return
    this.#onError(Object.assign(new Error('closed'), { code: CLOSED }))
  }

  readonly #onError = (error: Error): void => {
    const answered = this.#refusal !== null
    const begun = this.#head.pending !== '' || this.#interim > 0
    this.#fail(answered ? incompleteError(error) : asTransportError(error, this.#out, this.#target, begun))
  }

  #invalid(text: string): void {
    this.#fail(new ProxyError('http_protocol_error', `${text} (${this.#place})`))
  }

  #fail(error: ProxyError): void {
    if (this.#over) return
    this.#finish(false)
    this.#socket.destroy()
    if (this.#refusal === null) this.#reject(error)
    else this.#refusal.fail(error)
  }

  #finish(complete: boolean): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    this.#out.cancel = null
    this.#out.onDone(complete, nowMs())
  }

  #moved(): void {
    clearTimeout(this.#timer)
    this.#timer = this.#within(this.#target.idleMs, 'connection_read_timeout')
  }

  #within(
    ms: number,
    type: 'connection_timeout' | 'http_response_timeout' | 'connection_read_timeout',
  ): NodeJS.Timeout {
    const text = `no answer to the upgrade in time (${this.#place})`
    const unsent = type === 'connection_timeout'
    return setTimeout(() => this.#fail(new ProxyError(type, text, { unsent })), ms)
  }

  get #place(): string {
    return `${this.#target.host}:${this.#target.port}`
  }

  #elapsedUs(): number {
    return Math.round((nowMs() - this.#out.startMs) * 1000)
  }
}

/**
 * Half-open is allowed: one side of a tunnel may end before the other.
 * @param over the connection under TLS, where there is one
 */
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
  socket.allowHalfOpen = true
  return socket.setNoDelay(true)
}

/** @param key ours, where the client brought none; '' else */
function requestHead({ head, upgrade }: Outgoing, key: string): string {
  const text = `${head}connection: Upgrade\r\nupgrade: ${upgrade}\r\n`
  return key === '' ? `${text}\r\n` : `${text}sec-websocket-key: ${key}\r\n\r\n`
}
