// From a connection's bytes to requests: one head at a time, read once however often the client repeats it.
import type { ClientLimits } from '../../lib/client-limits.ts'
import { HeadMemory } from '../../lib/http1/head-memory.ts'
import { HeadReader } from '../../lib/http1/head-reader.ts'
import type { Refusal } from '../gate.ts'
import { type Origin, type RequestReading, readRequest } from './read-request.ts'
import { suspect, tooLarge } from './refuse.ts'

export class RequestReader {
  /** Where in the input the bytes behind the head begin. */
  rest = 0
  readonly #origin: Origin
  readonly #head: HeadReader
  /** Something of a head has come. */
  #begun = false
  /** An empty line came before this request. */
  #emptyLine = false
  readonly #memory = new HeadMemory<RequestReading>()
  #refused = ''

  constructor(origin: Origin, limits: ClientLimits) {
    this.#origin = origin
    this.#head = new HeadReader(limits.maxHeadBytes)
  }

  /** A head has begun and is not complete. */
  get begun(): boolean {
    return this.#begun
  }

  /** The head that is unfinished, or was refused, from its beginning: latin1. */
  get text(): string {
    return this.#refused === '' ? this.#head.pending : this.#refused
  }

  /** The last head is remembered. */
  get remembers(): boolean {
    return this.#memory.value !== null
  }

  forget(): void {
    this.#memory.forget()
  }

  /** @returns undefined: more is needed; `rest` says where the body begins */
  push(input: Buffer, length: number, limits: ClientLimits): RequestReading | Refusal | undefined {
    const known = this.#begun ? 0 : this.#memory.match(input, length)
    if (known > 0) {
      this.#emptyLine = false
      this.rest = known
      return this.#memory.value!
    }
    let skipped = 0
    // One empty line before a request is tolerated (RFC 9112 section 2.2).
    if (!this.#begun && !this.#emptyLine && length >= 2 && input[0] === 0x0d && input[1] === 0x0a) {
      this.#emptyLine = true
      if (length === 2) return undefined
      skipped = 2
    }
    this.#begun = true
    const bytes = skipped === 0 ? input : input.subarray(skipped, length)
    const read = this.#head.push(bytes, length - skipped)
    if (read === 'too-large') {
      const seen =
        this.#head.pending + bytes.toString('latin1', 0, Math.min(length - skipped, limits.maxHeadBytes))
      this.#refused = seen
      return tooLarge(seen, limits.maxUrlBytes)
    }
    // The tolerated empty line may have come in two pieces.
    const text = read?.head ?? this.#head.pending
    const head = !this.#emptyLine && text.startsWith('\r\n') ? text.slice(2) : text
    if (read === undefined) return suspect(head, limits.maxUrlBytes)
    this.#begun = false
    this.#emptyLine = false
    this.rest = read.rest + skipped
    return this.#read(head, limits)
  }

  #read(head: string, limits: ClientLimits): RequestReading | Refusal {
    const known = this.#memory.recall(head)
    if (known !== null) return known
    const reading = readRequest(head, limits, this.#origin)
    if ('reason' in reading) this.#refused = head
    else this.#memory.keep(head, reading)
    return reading
  }
}
