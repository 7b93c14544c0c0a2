// The chunked coding, decoded strictly (RFC 9112 section 7.1): a state machine over arriving bytes.
import { isClean, readFields } from './fields.ts'

/** Where decoded data goes. */
export interface ChunkSink {
  data(chunk: Buffer): void
}

const LINE_MAX = 256
const EXTENSIONS_MAX = 4096
const TRAILERS_MAX = 16 * 1024
const TRAILER_FIELDS_MAX = 200
/** `;name` or `;name=value`, each extension starting with its semicolon: no blanks, so one reading. */
const SIZE =
  /^([0-9a-fA-F]{1,12})((?:;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*)$/
/** A trailer that frames a message frames it for whoever reads it last (RFC 9110 section 6.5.1): refused. */
const FRAMING = new Set(['content-length', 'transfer-encoding'])
/** It would route: dropped. */
const ROUTING = 'host'

const CR = 0x0d
const LF = 0x0a

export class ChunkDecoder {
  /** '' while all is well, else a word for what was wrong. */
  problem: '' | 'bad_chunk' | 'chunk_extension_too_large' | 'bad_trailer' = ''
  done = false
  /** Field lines after the last chunk: name, value …; null: none. */
  trailers: string[] | null = null
  #left = 0
  #line = ''
  #state: 'size' | 'data' | 'crlf' | 'trailers' = 'size'
  #extensionBytes = 0
  #trailerLines = 0

  /** @returns how many bytes of `input` belong to the body; all of them unless `done` or `problem` */
  push(input: Buffer, sink: ChunkSink): number {
    let at = 0
    while (at < input.length && !this.done && this.problem === '') {
      if (this.#state === 'data') {
        const end = Math.min(input.length, at + this.#left)
        this.#left -= end - at
        sink.data(input.subarray(at, end))
        at = end
        if (this.#left === 0) this.#state = 'crlf'
      } else at = this.#readLine(input, at)
    }
    return at
  }

  #readLine(input: Buffer, from: number): number {
    const end = input.indexOf(LF, from)
    const stop = end < 0 ? input.length : end + 1
    this.#line += input.toString('latin1', from, stop)
    if (end < 0) {
      if (this.#line.length > (this.#state === 'trailers' ? TRAILERS_MAX : LINE_MAX)) this.#tooLong()
      return stop
    }
    if (this.#state === 'trailers') this.#trailerLine()
    else {
      const line = this.#line
      this.#line = ''
      if (line.length < 2 || line.charCodeAt(line.length - 2) !== CR) this.problem = 'bad_chunk'
      else if (this.#state === 'size') this.#size(line.slice(0, -2))
      else if (line.length !== 2) this.problem = 'bad_chunk'
      else this.#state = 'size'
    }
    return stop
  }

  #size(line: string): void {
    const match = SIZE.exec(line)
    if (match === null) {
      this.problem = 'bad_chunk'
      return
    }
    this.#extensionBytes += match[2]!.length
    if (line.length > LINE_MAX || this.#extensionBytes > EXTENSIONS_MAX) {
      this.problem = 'chunk_extension_too_large'
      return
    }
    this.#left = Number.parseInt(match[1]!, 16)
    this.#state = this.#left === 0 ? 'trailers' : 'data'
  }

  /** Lines are gathered until the empty one. */
  #trailerLine(): void {
    const section = this.#line
    if (section.length > TRAILERS_MAX || ++this.#trailerLines > TRAILER_FIELDS_MAX + 1)
      this.problem = 'bad_trailer'
    else if (section === '\r\n') this.done = true
    else if (section.endsWith('\r\n\r\n')) {
      const text = section.slice(0, -4)
      const fields = isClean(text) ? readFields(text, 0) : undefined
      if (fields === undefined || fields.some((name, i) => i % 2 === 0 && FRAMING.has(name)))
        this.problem = 'bad_trailer'
      else {
        this.trailers = fields.filter((_, i) => fields[i - (i % 2)] !== ROUTING)
        this.done = true
      }
    } else if (!section.endsWith('\r\n')) this.problem = 'bad_trailer'
  }

  #tooLong(): void {
    this.problem =
      this.#state === 'trailers'
        ? 'bad_trailer'
        : this.#state === 'size' && this.#line.includes(';')
          ? 'chunk_extension_too_large'
          : 'bad_chunk'
  }
}
