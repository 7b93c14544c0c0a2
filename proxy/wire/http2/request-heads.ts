// Field blocks to requests. A client repeats its heads: the same one is read once, and what was concluded from it holds.
import type { TlsDetail } from '../../../telemetry/record.ts'
import type { ClientLimits } from '../../lib/client-limits.ts'
import { isGrpc } from '../../lib/grpc.ts'
import type { Connection } from '../../pipeline/connection.ts'
import type { RequestHead } from '../../pipeline/exchange.ts'
import type { Refusal } from '../gate.ts'
import { readHead2 } from '../request-head2.ts'
import type { FieldBlock } from './field-blocks.ts'
import { HpackDecoder, type HpackFault } from './hpack/decoder.ts'

/** A longer block is not worth remembering. */
const REMEMBERED_BYTES = 512

export interface KnownHead {
  readonly head: RequestHead
  /** −1: none announced. */
  readonly contentLength: number
  /** Its body may be silent for long. */
  readonly patient: boolean
}

/** A head that is not let in, and what it said. */
export interface RefusedHead {
  readonly refusal: Refusal
  readonly fields: readonly string[]
}

export class RequestHeads {
  readonly #decoder: HpackDecoder
  readonly #limits: ClientLimits
  readonly #connection: Connection
  readonly #tls: TlsDetail | null
  #known: KnownHead | null = null
  #bytes: Buffer | null = null
  #changes = 0

  constructor(limits: ClientLimits, connection: Connection, tls: TlsDetail | null) {
    this.#decoder = new HpackDecoder(limits.maxHeadBytes)
    this.#limits = limits
    this.#connection = connection
    this.#tls = tls
  }

  /** Fields as they came, for whoever needs no more of them than that they were read. */
  decode({ input, start, end }: FieldBlock): string[] | HpackFault {
    return this.#decoder.decode(input, start, end)
  }

  read(block: FieldBlock): KnownHead | RefusedHead | HpackFault {
    const { input, start, end } = block
    const decoder = this.#decoder
    const bytes = this.#bytes
    if (bytes !== null && this.#changes === decoder.changes && isSame(bytes, input, start, end))
      return this.#known!
    const { changes } = decoder
    const fields = decoder.decode(input, start, end)
    if (typeof fields === 'string') return fields
    const reading = readHead2(fields, this.#limits)
    if ('status' in reading) return { refusal: reading, fields }
    const { headers, contentLength, method, target, authority, upgrade, expectsContinue } = reading
    const head: RequestHead = {
      method,
      target,
      scheme: this.#tls === null ? 'http' : 'https',
      protocol: '2',
      authority,
      headers,
      upgrade,
      expectsContinue,
      connection: this.#connection,
      tls: this.#tls,
      place: null,
    }
    this.#known = { head, contentLength, patient: isGrpc(headers) }
    // Bytes that have added to the table mean something else the next time.
    const again = changes === decoder.changes && end - start <= REMEMBERED_BYTES
    this.#bytes = again ? Buffer.from(input.subarray(start, end)) : null
    this.#changes = changes
    return this.#known
  }

  /** Thousands of idle connections should not hold thousands of heads. */
  forget(): void {
    this.#known = this.#bytes = null
  }
}

function isSame(bytes: Buffer, input: Buffer, start: number, end: number): boolean {
  if (bytes.length !== end - start) return false
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== input[start + i]) return false
  return true
}
