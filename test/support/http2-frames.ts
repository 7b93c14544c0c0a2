// A client that sends exactly the HTTP/2 frames it is told, and says what came back.
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'

export const TYPE = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const
export const END_STREAM = 0x1
export const END_HEADERS = 0x4
const ACK = 0x1

const CODES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
]

export interface Frame {
  type: number
  flags: number
  stream: number
  payload: Buffer
}

/** A frame (RFC 9113 section 4.1). */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A string of HPACK without Huffman coding (RFC 7541 section 5.2). */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes])
  const length = [127]
  let left = bytes.length - 127
  for (; left >= 128; left >>= 7) length.push((left & 127) | 128)
  length.push(left)
  return Buffer.concat([Buffer.from(length), bytes])
}

export type Field = readonly [name: string, value: string]

/** Literal fields, never indexed (RFC 7541 section 6.2.3): any bytes at all. */
export const block = (fields: readonly Field[]): Buffer =>
  Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0x10]), text(name), text(value)]))

/** The four pseudo-fields of a GET, some replaced or (undefined) left out. */
export function pseudo(over: Record<string, string | undefined> = {}): Field[] {
  const all = { ':method': 'GET', ':scheme': 'https', ':path': '/', ':authority': 'app.test', ...over }
  return Object.entries(all).filter((field): field is [string, string] => field[1] !== undefined)
}

export class FrameClient {
  readonly frames: Frame[] = []
  closed = false
  readonly socket: TLSSocket
  #pending = Buffer.alloc(0)
  #wake: () => void = () => {}

  private constructor(socket: TLSSocket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => this.#data(chunk))
    socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  /** Connected, with preface and SETTINGS sent. @param settings payload of the first SETTINGS frame */
  static async open(port: number, settings = Buffer.alloc(0)): Promise<FrameClient> {
    const socket = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      servername: 'app.test',
      ALPNProtocols: ['h2'],
    })
    await once(socket, 'secureConnect')
    const client = new FrameClient(socket)
    client.send(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(TYPE.SETTINGS, 0, 0, settings))
    return client
  }

  /** @returns false once the connection is no more */
  send(...frames: Buffer[]): boolean {
    if (this.closed || this.socket.destroyed) return false
    for (const bytes of frames) this.socket.write(bytes)
    return true
  }

  request(stream: number, fields: readonly Field[], flags = END_STREAM): boolean {
    return this.send(frame(TYPE.HEADERS, END_HEADERS | flags, stream, block(fields)))
  }

  /** The first frame that satisfies; undefined: the connection closed without it. */
  async find(satisfies: (frame: Frame) => boolean): Promise<Frame | undefined> {
    for (let i = 0; ; i++) {
      while (i >= this.frames.length) {
        if (this.closed) return undefined
        await new Promise<void>(resolve => (this.#wake = resolve))
      }
      if (satisfies(this.frames[i]!)) return this.frames[i]
    }
  }

  /** What became of a stream: `200`, `RST PROTOCOL_ERROR`, `GOAWAY COMPRESSION_ERROR` or `closed`. */
  async fate(stream: number): Promise<string> {
    const found = await this.find(
      it =>
        (it.stream === stream && (it.type === TYPE.HEADERS || it.type === TYPE.RST_STREAM)) ||
        (it.type === TYPE.GOAWAY && codeOf(it) !== 0),
    )
    if (found === undefined) return 'closed'
    if (found.type === TYPE.HEADERS) return String(statusOf(found.payload))
    return `${found.type === TYPE.GOAWAY ? 'GOAWAY' : 'RST'} ${CODES[codeOf(found)]}`
  }

  /** The code of the first GOAWAY that is more than a goodbye; `closed` when there was none. */
  async ending(): Promise<string> {
    const found = await this.find(it => it.type === TYPE.GOAWAY && codeOf(it) !== 0)
    return found === undefined ? 'closed' : `GOAWAY ${CODES[codeOf(found)]}`
  }

  destroy(): void {
    this.socket.destroy()
  }

  #data(chunk: Buffer): void {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const length = rest.readUIntBE(0, 3)
      const got = {
        type: rest[3]!,
        flags: rest[4]!,
        stream: rest.readUInt32BE(5),
        payload: rest.subarray(9, 9 + length),
      }
      this.frames.push(got)
      if (got.type === TYPE.SETTINGS && got.flags !== ACK) this.send(frame(TYPE.SETTINGS, ACK, 0))
      rest = rest.subarray(9 + length)
    }
    this.#pending = Buffer.from(rest)
    this.#wake()
  }
}

const codeOf = ({ type, payload }: Frame): number => payload.readUInt32BE(type === TYPE.GOAWAY ? 4 : 0)

const INDEXED = [200, 204, 206, 304, 400, 404, 500]

/** :status comes first, indexed or as a literal with its name indexed (RFC 7541 appendix A). */
function statusOf(head: Buffer): number {
  // A change of the dynamic table's size may stand before it.
  const at = head.findIndex(byte => (byte & 0xe0) !== 0x20)
  const first = head[at]!
  if (first >= 0x88 && first <= 0x8e) return INDEXED[first - 0x88]!
  const coded = head[at + 1]!
  const value = head.subarray(at + 2, at + 2 + (coded & 0x7f))
  return Number((coded & 0x80) === 0 ? value.toString('latin1') : digits(value))
}

/** Digits in HPACK's Huffman code: 0, 1, 2 have five bits, the others six (RFC 7541 appendix B). */
function digits(coded: Buffer): string {
  const bits = [...coded].map(byte => byte.toString(2).padStart(8, '0')).join('')
  let out = ''
  for (let at = 0; out.length < 3; ) {
    const five = Number.parseInt(bits.slice(at, at + 5), 2)
    const short = five <= 2
    out += short ? five : Number.parseInt(bits.slice(at, at + 6), 2) - 22
    at += short ? 5 : 6
  }
  return out
}
