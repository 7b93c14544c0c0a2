// A client that sends exactly the HTTP/2 frames it is told, and says what came back.
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import {
  ACK,
  CODES,
  END_HEADERS,
  END_STREAM,
  type Frame,
  FrameReader,
  frame,
  headers,
  TYPE,
} from './frame.ts'
import { block, type Field, pseudo } from './hpack.ts'
import { HpackModel } from './hpack-model.ts'

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
/** A connection that goes on after GOAWAY for an error is a fault of its own: nobody waits longer to say so. */
const CLOSE_MS = 5000
/** Above every stream of a test. */
const FIRST_PROBE = 2 ** 30 + 1

/** All that came on a stream. */
export interface Answer {
  /** Interim heads, the head, trailers. */
  heads: Field[][]
  body: string
  /** END_STREAM came. */
  ended: boolean
  /** Its code's name; ''. */
  reset: string
}

interface Options {
  /** Payload of the first SETTINGS frame. */
  settings?: Buffer
  /** Said first of all, in place of the preface and SETTINGS. */
  hello?: Buffer
}

export class FrameClient {
  readonly frames: Frame[] = []
  closed = false
  readonly socket: TLSSocket
  readonly hpack = new HpackModel()
  /** What the gate's SETTINGS say, by number. */
  readonly limits = new Map<number, number>()
  /** What the gate sent that no peer could make sense of. */
  fault: Error | undefined
  readonly #reader = new FrameReader()
  readonly #answers = new Map<number, Answer>()
  #block: Buffer[] = []
  #probes = 0
  #waiting: (() => void)[] = []

  private constructor(socket: TLSSocket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => this.#data(chunk))
    socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  /** Connected, with preface and SETTINGS sent. */
  static async open(port: number, options: Options = {}): Promise<FrameClient> {
    const socket = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      servername: 'app.test',
      ALPNProtocols: ['h2'],
    })
    await once(socket, 'secureConnect')
    const client = new FrameClient(socket)
    const first = frame(TYPE.SETTINGS, 0, 0, options.settings)
    client.send(options.hello ?? Buffer.concat([PREFACE, first]))
    return client
  }

  /** @returns false once the connection is no more */
  send(...frames: readonly Buffer[]): boolean {
    if (this.closed || this.socket.destroyed) return false
    if (frames.length > 0) this.socket.write(Buffer.concat(frames))
    return true
  }

  request(stream: number, fields: readonly Field[], flags = END_STREAM): boolean {
    return this.send(headers(stream, block(fields), END_HEADERS | flags))
  }

  /** The first frame that satisfies; undefined: the connection closed without it. */
  async find(satisfies: (frame: Frame) => boolean, from = 0): Promise<Frame | undefined> {
    for (let i = from; ; i++) {
      while (i >= this.frames.length) {
        if (this.closed) return undefined
        await new Promise<void>(resolve => this.#waiting.push(resolve))
      }
      if (satisfies(this.frames[i]!)) return this.frames[i]
    }
  }

  /** What became of a stream: `200`, `RST PROTOCOL_ERROR`, `GOAWAY COMPRESSION_ERROR` or `closed`. */
  async fate(stream: number): Promise<string> {
    const found = await this.find(it => isFault(it, stream) || (it.stream === stream && endsHead(it)))
    if (found !== undefined && endsHead(found)) return statusOf(this.#answers.get(stream)!)
    return faultOf(found)
  }

  /** The code of the first GOAWAY that is more than a goodbye; `closed` when there was none. */
  async ending(): Promise<string> {
    return faultOf(await this.find(it => isFault(it, 0)))
  }

  /** How a stream whose answer has ended is reset. */
  async fateAfterEnd(stream: number): Promise<string> {
    return faultOf(await this.find(it => isFault(it, stream)))
  }

  /** All of a stream's answer, up to its end, a reset or the end of the connection. */
  async answer(stream: number): Promise<Answer> {
    await this.find(
      it =>
        isFault(it, stream) ||
        (it.stream === stream && it.type <= TYPE.HEADERS && (it.flags & END_STREAM) !== 0),
    )
    return this.#answer(stream)
  }

  /**
   * What the gate makes of what was sent: `RST …`, `GOAWAY …` or `closed`; `nothing` when it answers a
   * request that comes after it.
   */
  async outcome(stream: number): Promise<string> {
    const probe = this.#probe()
    const found = await this.find(it => isFault(it, stream) || it.stream === probe)
    if (found?.stream === probe) return found.type === TYPE.HEADERS ? 'nothing' : `probe: ${faultOf(found)}`
    // RFC 9113 section 5.4.1: after GOAWAY for an error the connection is closed.
    if (found?.type === TYPE.GOAWAY && !(await this.#closes())) return `${faultOf(found)}, left open`
    return faultOf(found)
  }

  /** The first fault of any stream, or of the connection; `closed`; ''. */
  faultSoFar(): string {
    const found = this.frames.find(it => isFault(it, it.stream))
    return found === undefined && !this.closed ? '' : faultOf(found)
  }

  /** The same, waited for; `nothing` when a request that comes after all else is answered. */
  async anyFault(): Promise<string> {
    const probe = this.#probe()
    const found = await this.find(it => isFault(it, it.stream) || it.stream === probe)
    return found?.stream === probe && found.type === TYPE.HEADERS ? 'nothing' : faultOf(found)
  }

  /** The same of the connection alone. */
  async anyFaultOfConnection(): Promise<string> {
    const probe = this.#probe()
    const found = await this.find(it => isFault(it, 0) || it.stream === probe)
    return found?.stream === probe ? 'nothing' : faultOf(found)
  }

  /** All that was sent has left, or the connection is no more. */
  async drained(): Promise<void> {
    if (!this.closed && this.socket.writableNeedDrain)
      await Promise.race([once(this.socket, 'drain'), once(this.socket, 'close')])
    await new Promise(resolve => setImmediate(resolve))
  }

  destroy(): void {
    this.socket.destroy()
  }

  #probe(): number {
    const probe = FIRST_PROBE + 2 * this.#probes++
    this.request(probe, pseudo({ ':path': '/probe' }))
    return probe
  }

  async #closes(): Promise<boolean> {
    const late = Promise.withResolvers<false>()
    const timer = setTimeout(() => late.resolve(false), CLOSE_MS)
    const closed = this.find(() => false, this.frames.length).then(() => true)
    const done = await Promise.race([closed, late.promise])
    clearTimeout(timer)
    return done
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #answer(stream: number): Answer {
    let answer = this.#answers.get(stream)
    if (answer === undefined) {
      answer = { heads: [], body: '', ended: false, reset: '' }
      this.#answers.set(stream, answer)
    }
    return answer
  }

  #data(chunk: Buffer): void {
    for (const got of this.#reader.read(chunk)) {
      this.frames.push(got)
      try {
        this.#check(got)
        this.#take(got)
      } catch (error) {
        this.fault ??= error as Error
      }
    }
    this.#wake()
  }

  /** What the RFC forbids a server at any time is a fault in any test. */
  #check({ type, stream, payload }: Frame): void {
    if (this.#block.length > 0 && type !== TYPE.CONTINUATION) throw new Error(`frame ${type} inside a head`)
    if (payload.length > 16_384) throw new Error(`a frame of ${payload.length} octets`)
    if (type <= TYPE.HEADERS && this.#answers.get(stream)?.ended)
      throw new Error(`frame ${type} after the end`)
  }

  #take({ type, flags, stream, payload }: Frame): void {
    if (type === TYPE.SETTINGS && (flags & ACK) === 0) {
      for (let at = 0; at < payload.length; at += 6)
        this.limits.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2))
      this.send(frame(TYPE.SETTINGS, ACK, 0))
    }
    if (type === TYPE.PING && (flags & ACK) === 0) this.send(frame(TYPE.PING, ACK, 0, payload))
    if (type === TYPE.HEADERS || type === TYPE.CONTINUATION) {
      this.#block.push(payload)
      if ((flags & END_HEADERS) !== 0) {
        this.#answer(stream).heads.push(this.hpack.decode(Buffer.concat(this.#block)))
        this.#block = []
      }
    }
    if (type === TYPE.DATA) this.#answer(stream).body += payload.toString('latin1')
    if (type <= TYPE.HEADERS && (flags & END_STREAM) !== 0) this.#answer(stream).ended = true
    if (type === TYPE.RST_STREAM) this.#answer(stream).reset = nameOf(payload.readUInt32BE(0))
  }
}

export const statusOf = ({ heads }: Answer): string => heads.at(-1)?.find(([n]) => n === ':status')?.[1] ?? ''

const endsHead = ({ type, flags }: Frame): boolean =>
  (type === TYPE.HEADERS || type === TYPE.CONTINUATION) && (flags & END_HEADERS) !== 0

const nameOf = (code: number): string => CODES[code] ?? String(code)

const codeOf = ({ type, payload }: Frame): number => payload.readUInt32BE(type === TYPE.GOAWAY ? 4 : 0)

const isFault = (it: Frame, stream: number): boolean =>
  (it.type === TYPE.RST_STREAM && it.stream === stream) || (it.type === TYPE.GOAWAY && codeOf(it) !== 0)

function faultOf(found: Frame | undefined): string {
  if (found === undefined) return 'closed'
  return `${found.type === TYPE.GOAWAY ? 'GOAWAY' : 'RST'} ${nameOf(codeOf(found))}`
}
