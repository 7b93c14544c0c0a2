// A body on its way into the store, and to all who share it: stored only if it is whole (RFC 9111 section 3.3).
import type { Body, BodySink } from '../../pipeline/body.ts'
import type { BodyScan } from './reflection.ts'
import type { CacheStore } from './store.ts'

export type FillEnd = Buffer | 'incomplete' | 'too-large' | 'memory' | 'reflected'

/** What may wait for the slowest reader of a body that is too large to be stored. */
const RELAY_BYTES = 1024 * 1024
/** Up to this size a body whose length is announced is gathered in one buffer from its beginning. */
const GATHER_BYTES = 1024 * 1024
/** A whole body is handed on in pieces, so that a reader may hold it. */
const PIECE_BYTES = 64 * 1024

/**
 * Keeps what comes, and hands it to readers at their own pace. While it may still be stored nobody holds the
 * flow: what is kept is bounded by the largest object and counted by the store. Once it may not, what all have
 * read is let go, and the slowest reader holds the flow.
 */
export class Fill {
  readonly #store: CacheStore
  readonly #announced: number
  readonly #maxBytes: number
  readonly #scan: BodyScan | null
  readonly #done: (end: FillEnd) => void
  #chunks: Buffer[] = []
  /** Where the chunks stand, behind each other, when the length is known. */
  #gathered: Buffer | null = null
  /** Of the whole body, where `#chunks` begins. */
  #start = 0
  #bytes = 0
  /** May be stored. */
  #open = true
  #ended: 'no' | 'whole' | 'broken' = 'no'
  #body: Buffer | null = null
  readonly readers = new Set<FillReader>()
  /** Told when it may be shared: there is nothing in its beginning that speaks against it. */
  onClear: () => void = () => {}
  /** Told when readers have caught up. */
  onRoom: () => void = () => {}

  /** @param announced Content-Length, −1 when there was none; @param scan null: nothing to look for */
  constructor(
    store: CacheStore,
    announced: number,
    maxBytes: number,
    scan: BodyScan | null,
    done: (end: FillEnd) => void,
  ) {
    this.#store = store
    this.#announced = announced
    this.#maxBytes = maxBytes
    this.#scan = scan
    this.#done = done
  }

  /** Others may have it as it comes. */
  get clear(): boolean {
    return this.#open && this.#ended === 'no' && (this.#scan === null || this.#scan.done)
  }

  get announced(): number {
    return this.#announced
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Lent, so copied. @returns false to hold the flow until `onRoom` */
  take(data: Buffer): boolean {
    if (this.#open && this.#bytes + data.length > this.#maxBytes) this.#close('too-large')
    if (this.#open && !this.#store.reserve(data.length)) this.#close('memory')
    if (!this.#open && this.readers.size === 0) {
      this.#bytes += data.length
      this.#start = this.#bytes
      return true
    }
    this.#chunks.push(this.#copy(data))
    this.#bytes += data.length
    if (this.#open && this.#scan !== null && !this.#scan.done) this.#look(false)
    for (const reader of this.readers) reader.pump()
    this.#trim()
    return this.hasRoom
  }

  finish(complete: boolean): void {
    if (this.#ended !== 'no') return
    const whole = complete && (this.#announced < 0 || this.#announced === this.#bytes)
    this.#ended = whole ? 'whole' : 'broken'
    if (this.#open && whole && this.#scan !== null && !this.#scan.done) this.#look(true)
    if (this.#open) this.#close(whole ? (this.#body = this.#join()) : 'incomplete')
    for (const reader of this.readers) reader.pump()
  }

  /** True: what was read is not the whole. */
  get broken(): boolean {
    return this.#ended === 'broken'
  }

  /** False: the slowest reader is too far behind. */
  get hasRoom(): boolean {
    return this.#open || this.#bytes - this.#start < RELAY_BYTES
  }

  /** For a reader at `offset`: what comes next; undefined: nothing yet, null: nothing more. */
  at(offset: number): Buffer | undefined | null {
    if (this.#body !== null)
      return offset < this.#body.length ? this.#body.subarray(offset, offset + PIECE_BYTES) : null
    if (offset >= this.#bytes) return this.#ended === 'no' ? undefined : null
    // From the end: most readers wait for what comes next.
    let start = this.#bytes
    for (let i = this.#chunks.length - 1; i >= 0; i--) {
      const chunk = this.#chunks[i]!
      start -= chunk.length
      if (offset >= start) return chunk.subarray(offset - start)
    }
    return null
  }

  /** A reader has read on, or left. */
  moved(): void {
    const had = this.hasRoom
    this.#trim()
    if (!had && this.hasRoom) this.onRoom()
  }

  #look(ended: boolean): void {
    const scan = this.#scan!
    if (this.#chunks.length > 1) this.#chunks = [this.#join()]
    scan.look(this.#chunks[0] ?? EMPTY, ended)
    if (scan.found !== '') this.#close('reflected')
    else if (scan.done && !ended) this.onClear()
  }

  /** Lets go of what every reader has. */
  #trim(): void {
    if (this.#open || this.#body !== null) return
    let least = this.#bytes
    for (const reader of this.readers) least = Math.min(least, reader.offset)
    while (this.#chunks.length > 0 && this.#start + this.#chunks[0]!.length <= least)
      this.#start += this.#chunks.shift()!.length
  }

  #copy(data: Buffer): Buffer {
    const end = this.#bytes + data.length
    if (this.#open && this.#bytes === 0 && this.#announced > data.length && this.#announced <= GATHER_BYTES)
      this.#gathered = Buffer.allocUnsafeSlow(this.#announced)
    // Of its own: a window on a larger buffer would keep that alive.
    const room = this.#open && this.#gathered !== null && end <= this.#announced
    const chunk = room ? this.#gathered!.subarray(this.#bytes, end) : Buffer.allocUnsafeSlow(data.length)
    data.copy(chunk)
    return chunk
  }

  #join(): Buffer {
    if (this.#chunks.length === 1) return this.#chunks[0]!
    if (this.#gathered !== null && this.#bytes <= this.#announced)
      return this.#bytes === this.#announced ? this.#gathered : this.#gathered.subarray(0, this.#bytes)
    const body = Buffer.allocUnsafeSlow(this.#bytes)
    let at = 0
    for (const chunk of this.#chunks) at += chunk.copy(body, at)
    return body
  }

  #close(end: FillEnd): void {
    this.#open = false
    this.#store.release(this.#bytes)
    if (this.readers.size === 0 || this.#body !== null) {
      this.#chunks = []
      this.#start = this.#bytes
    }
    this.#done(end)
  }
}

const EMPTY: Buffer = Buffer.alloc(0)

/** One who reads a fill at its own pace. */
export class FillReader implements Body {
  readonly length: number
  readonly #fill: Fill
  readonly #left: () => void
  #sink: BodySink | null = null
  #held = false
  #pumping = false
  offset: number

  /** @param left told when it wants no more */
  constructor(fill: Fill, offset: number, left: () => void) {
    this.length = fill.announced
    this.#fill = fill
    this.#left = left
    this.offset = offset
    fill.readers.add(this)
  }

  /** Goes on, when it is told to, for a sink that has had everything before `offset`. */
  adopt(sink: BodySink): void {
    this.#sink = sink
    this.#held = true
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.pump()
  }

  resume(): void {
    this.#held = false
    this.pump()
    this.#fill.moved()
  }

  cancel(): void {
    if (!this.#fill.readers.delete(this)) return
    this.#sink = null
    this.#fill.moved()
    this.#left()
  }

  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    while (this.#sink !== null && !this.#held) {
      const piece = this.#fill.at(this.offset)
      if (piece === undefined) break
      if (piece === null) this.#end(this.#sink)
      else {
        this.offset += piece.length
        this.#held = !this.#sink.chunk(piece)
      }
    }
    this.#pumping = false
  }

  #end(sink: BodySink): void {
    this.#sink = null
    this.#fill.readers.delete(this)
    if (this.#fill.broken) sink.error(new Error('the body that others wait for, too, broke off'))
    else sink.end(null)
  }
}
