// A client's HTTP/2 connection: what each frame means, and what is an error of whom (RFC 9113 sections 5 and 6).
import type { Socket } from 'node:net'
import type { TlsDetail } from '../../../telemetry/record.ts'
import type { BriefDeadlines } from '../../lib/brief-deadlines.ts'
import { nowMs } from '../../lib/clock.ts'
import type { Feed, Reader } from '../../lib/feed.ts'
import { END_STREAM, H2 } from '../../lib/http2-codes.ts'
import type { Connection } from '../../pipeline/connection.ts'
import type { Gate, Refusal } from '../gate.ts'
import { originOf } from '../origin.ts'
import { areTrailers2 } from '../request-head2.ts'
import { tlsDetail } from '../tls-detail.ts'
import { ClientStream } from './client-stream.ts'
import { type FieldBlock, FieldBlocks } from './field-blocks.ts'
import { FrameReader, type FrameSink } from './frame-reader.ts'
import * as F from './frames.ts'
import { type Act, Guards, TINY_UPDATE } from './guards.ts'
import { IncomingData } from './incoming-data.ts'
import { Lifetime, type LifetimeOwner } from './lifetime.ts'
import type { LiveStream } from './live-stream.ts'
import { Outbox, type OutboxOwner } from './outbox.ts'
import { fieldsOf, malformed, refusedRequest, resetCode, sendRefusal, TOO_MANY_STREAMS } from './refuse.ts'
import { type KnownHead, RequestHeads } from './request-heads.ts'
import { greeting, readSettings } from './settings.ts'
import { Streams } from './streams.ts'
import { startTunnel } from './tunnel.ts'

export class ClientSession implements Reader, FrameSink, OutboxOwner, LifetimeOwner {
  readonly streams: Streams
  readonly life: Lifetime
  readonly connection: Connection
  readonly tls: TlsDetail | null
  readonly #gate: Gate
  readonly #outbox: Outbox
  readonly #reader = new FrameReader(this)
  readonly #blocks: FieldBlocks
  readonly #heads: RequestHeads
  readonly #guards = new Guards()
  /** The client has said how it wants to be spoken to. */
  #settled = false
  readonly #data: IncomingData
  #dataId = 0

  /** @param deadlines of all streams */
  constructor(socket: Socket, feed: Feed | null, gate: Gate, deadlines: BriefDeadlines, closed: () => void) {
    const { limits } = gate
    this.#gate = gate
    this.connection = originOf(socket)
    this.tls = tlsDetail(socket)
    this.#outbox = new Outbox(socket, this)
    this.life = new Lifetime(socket, this.#outbox, limits, this)
    this.streams = new Streams(gate, deadlines, this.#outbox, this.life)
    this.#data = new IncomingData(this.streams)
    this.#blocks = new FieldBlocks(limits.maxHeadBytes)
    this.#heads = new RequestHeads(limits, this.connection, this.tls)
    if (feed === null) socket.on('data', chunk => this.#received(chunk))
    else {
      feed.reader = this
      socket.on('error', () => socket.destroy())
    }
    socket.on('end', () => socket.destroy())
    socket.on('close', () => {
      this.#outbox.drop()
      this.streams.cutAll()
      closed()
    })
    this.#outbox.add(greeting(limits))
  }

  get over(): boolean {
    return this.life.over
  }

  waiting(waits: boolean): void {
    if (!this.over) this.life.waiting(waits)
  }

  drained(): void {
    this.streams.flow()
  }

  forget(): void {
    this.#heads.forget()
  }

  late(): void {
    this.broken(H2.NO_ERROR, 'head_timeout')
  }

  broken(code: number, reason: string): void {
    if (this.over) return
    this.#gate.refused(refusedRequest(malformed(reason), [], this))
    this.life.fail(code)
    this.streams.cutAll()
  }

  /** Of a plain socket. What is lent for this call is held for longer here: a body waits for its upstream. */
  received(buffer: Buffer, length: number): void {
    this.#received(Buffer.from(buffer.subarray(0, length)))
  }

  #received(chunk: Buffer): void {
    if (this.over) return
    this.#reader.push(chunk)
    // All that the client has opened at once: otherwise its windows fall into ever smaller pieces.
    this.streams.flowEnlarged()
    if (this.#blocks.pending !== 0) this.life.expect()
    else if (this.#settled) this.life.expectNothing()
  }

  frame(type: number, flags: number, id: number, input: Buffer, start: number, end: number): void {
    if (this.#blocks.pending !== 0) {
      if (type !== F.CONTINUATION || id !== this.#blocks.pending)
        return this.broken(H2.PROTOCOL_ERROR, 'block_interrupted')
      return this.#block(this.#blocks.proceed(flags, input, start, end))
    }
    if (!this.#settled && (type !== F.SETTINGS || (flags & F.ACK) !== 0))
      return this.broken(H2.PROTOCOL_ERROR, 'no_settings')
    const misplaced = F.misplaced(type, id, end - start)
    if (misplaced !== 0) return this.broken(misplaced, 'bad_frame')
    switch (type) {
      case F.HEADERS:
        return this.#block(this.#blocks.begin(flags, id, input, start, end))
      case F.PRIORITY:
        return this.#priority(id, input, start, end)
      case F.RST_STREAM:
        return this.#rstStream(id)
      case F.SETTINGS:
        return this.#settings(flags, input, start, end)
      case F.PING:
        if ((flags & F.ACK) !== 0) return this.life.answered()
        // Clients measure the line by one PING behind what they were sent: that is no flood.
        if (this.#outbox.sentData() || !this.#tooMany('ping'))
          this.#outbox.add(F.ping(F.ACK, input.toString('latin1', start, end)))
        return
      case F.GOAWAY:
        return this.life.leave()
      case F.WINDOW_UPDATE:
        return this.#windowUpdate(id, input.readUInt32BE(start) & F.MAX_31)
      case F.PUSH_PROMISE:
      case F.CONTINUATION:
        return this.broken(H2.PROTOCOL_ERROR, 'bad_frame')
      default:
        this.#tooMany('unknown')
    }
  }

  dataBegins(id: number, length: number, padding: number): void {
    if (this.#blocks.pending !== 0) return this.broken(H2.PROTOCOL_ERROR, 'block_interrupted')
    if (!this.#settled) return this.broken(H2.PROTOCOL_ERROR, 'no_settings')
    const { streams } = this
    if (streams.isIdle(id)) return this.broken(H2.PROTOCOL_ERROR, 'idle_stream')
    if (!streams.takes(length)) return this.broken(H2.FLOW_CONTROL_ERROR, 'window_overrun')
    this.#dataId = id
    const code = this.#data.begins(id, length, padding)
    if (code !== 0) this.#fault(id, code)
  }

  dataBytes(chunk: Buffer): void {
    const code = this.#data.bytes(chunk)
    if (code !== 0) this.#fault(this.#dataId, code)
  }

  dataEnds(flags: number): void {
    const stream = this.#data.ends()
    if ((flags & END_STREAM) !== 0) {
      if (stream !== null) this.#ended(stream, null)
    } else if (this.#data.empty) this.#tooMany('emptyData')
  }

  #block(block: FieldBlock | null | number): void {
    if (block === null) return
    if (typeof block === 'number') return this.broken(block, 'bad_headers')
    const { id } = block
    const { streams } = this
    const stream = streams.find(id)
    if (stream === undefined && id % 2 === 1 && streams.isIdle(id)) return this.#request(block)
    const fields = this.#heads.decode(block)
    if (typeof fields === 'string') return this.#unread(fields)
    if (stream !== undefined) return this.#trailers(stream, block, fields)
    if (streams.wasReset(id)) return
    this.broken(streams.wasOpen(id) ? H2.STREAM_CLOSED : H2.PROTOCOL_ERROR, 'bad_stream_number')
  }

  /** A block that is not read: the tables of both ends differ from now on, or there was too much in it. */
  #unread(fault: string): void {
    const much = fault.startsWith('list_')
    this.broken(much ? H2.ENHANCE_YOUR_CALM : H2.COMPRESSION_ERROR, much ? 'head_too_large' : fault)
  }

  #request(block: FieldBlock): void {
    const { id, flags } = block
    const { streams } = this
    const known = this.#heads.read(block)
    const large = known === 'list_too_large'
    if (typeof known === 'string' && !large) return this.#unread(known)
    // What comes behind our last word is for another connection; the client knows.
    if (!streams.opens(id, this.life.left)) return
    const ended = (flags & END_STREAM) !== 0
    if (block.selfish) return this.#refuse(id, ended, malformed('bad_priority_in_h2'), [])
    // The next block can be read, so this stream gets its answer.
    if (large) return this.#refuse(id, ended, { status: 431, reason: 'head_too_large' }, [])
    if ('refusal' in known) return this.#refuse(id, ended, known.refusal, known.fields)
    const bodiless = ended && known.contentLength > 0
    const full = streams.open >= this.#gate.limits.maxStreams
    const why = bodiless ? malformed('no_body_in_h2') : full ? TOO_MANY_STREAMS : null
    if (why !== null) return this.#refuse(id, ended, why, fieldsOf(known.head))
    this.#open(id, known, ended)
  }

  #open(id: number, { head, contentLength, patient }: KnownHead, ended: boolean): void {
    if (head.upgrade !== '') return startTunnel(id, head, ended, this.streams)
    const stream = new ClientStream(id, head, contentLength, ended, patient, this.streams)
    this.streams.add(stream)
    stream.begin()
  }

  #refuse(id: number, ended: boolean, why: Refusal, fields: readonly string[]): void {
    this.#gate.refused(refusedRequest(why, fields, this))
    const code = resetCode(why)
    if (code !== 0) return this.#fault(id, code)
    sendRefusal(id, why, this.streams)
    this.streams.passed(id, ended ? null : H2.NO_ERROR)
  }

  #trailers(stream: LiveStream, { flags, selfish }: FieldBlock, fields: string[]): void {
    if (stream.ended) return this.#fault(stream.id, H2.STREAM_CLOSED)
    // A second head, or trailers behind which more comes (RFC 9113 section 8.1).
    const whole = (flags & END_STREAM) !== 0 && areTrailers2(fields)
    if (selfish || !whole) return this.#fault(stream.id, H2.PROTOCOL_ERROR)
    this.#ended(stream, fields)
  }

  #ended(stream: LiveStream, trailers: string[] | null): void {
    const code = stream.finished(trailers)
    if (code !== 0) this.#fault(stream.id, code)
  }

  #priority(id: number, input: Buffer, start: number, end: number): void {
    if (this.#tooMany('priority')) return
    const code = F.priorityFault(id, input, start, end)
    if (code === 0) return
    if (this.streams.isIdle(id)) this.broken(code, 'bad_priority')
    else this.#fault(id, code)
  }

  #rstStream(id: number): void {
    const { streams } = this
    if (streams.isIdle(id)) return this.broken(H2.PROTOCOL_ERROR, 'idle_stream')
    const stream = streams.find(id)
    if (stream === undefined) return
    streams.closed(stream, nowMs())
    stream.cut()
    this.#tooMany('reset')
  }

  #settings(flags: number, input: Buffer, start: number, end: number): void {
    if ((flags & F.ACK) !== 0) {
      if (end !== start) this.broken(H2.FRAME_SIZE_ERROR, 'bad_frame')
      return
    }
    const settings = readSettings(input, start, end)
    if (typeof settings === 'number') return this.broken(settings, 'bad_settings')
    if (this.#tooMany('settings')) return
    if (!this.#settled) {
      this.#settled = true
      this.life.idle(nowMs())
    }
    const { tableSizes, window, frameBytes } = settings
    const { fields } = this.streams
    for (const bytes of tableSizes) fields.limit(bytes)
    if (frameBytes !== undefined) fields.maxFrame = Math.min(frameBytes, F.FRAME_BYTES * 4)
    this.#outbox.add(F.SETTINGS_ACK)
    if (window !== undefined && !this.streams.resize(window)) this.broken(H2.FLOW_CONTROL_ERROR, 'bad_window')
  }

  #windowUpdate(id: number, bytes: number): void {
    if (bytes < TINY_UPDATE && this.#tooMany('tinyWindow')) return
    if (id !== 0 && this.streams.isIdle(id)) return this.broken(H2.PROTOCOL_ERROR, 'idle_stream')
    const code = this.streams.enlarge(id, bytes)
    if (code === 0) return
    if (id === 0) this.broken(code, 'bad_window')
    else this.#fault(id, code)
  }

  #tooMany(act: Act): boolean {
    if (!this.#guards.tooMany(act, nowMs())) return false
    this.broken(H2.ENHANCE_YOUR_CALM, `${act}_flood`)
    return true
  }

  /** RST_STREAM for what the client did wrong; too many of them are an error of the connection. */
  #fault(id: number, code: number): void {
    const stream = this.streams.find(id)
    if (stream === undefined) this.streams.passed(id, code)
    else this.streams.blame(stream, code)
    if (this.#guards.fault()) this.broken(H2.ENHANCE_YOUR_CALM, 'too_many_faults')
  }
}
