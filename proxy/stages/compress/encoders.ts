// The three codings at the levels that pay on the fly: one-shot for bodies at hand, streams for the rest.
import type { Transform } from 'node:stream'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import type { Encoding } from '../../lib/accept-encoding.ts'

const { constants } = zlib

/** Above this a body at hand is encoded off the event loop. */
export const SYNC_BYTES = 64 * 1024

const gzipOptions: zlib.ZlibOptions = { level: 6 }
const zstdOptions: zlib.ZstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }

function brotliOptions(bytes: number): zlib.BrotliOptions {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: bytes }
  // A window no larger than the content spares most of the set-up cost of a small body.
  return { params: { ...params, [constants.BROTLI_PARAM_LGWIN]: bytes > 0 && bytes <= SYNC_BYTES ? 16 : 20 } }
}

const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip)
const brotli = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress)
const zstd = promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdCompress)

interface Encoder {
  sync(body: Buffer): Buffer
  whole(body: Buffer): Promise<Buffer>
  stream(): Transform & zlib.Zlib
  /** What makes the stream give out all it holds without ending. */
  readonly flush: number
}

export const encoders: Record<Encoding, Encoder> = {
  gzip: {
    sync: body => zlib.gzipSync(body, gzipOptions),
    whole: body => gzip(body, gzipOptions),
    stream: () => zlib.createGzip(gzipOptions),
    flush: constants.Z_SYNC_FLUSH,
  },
  br: {
    sync: body => zlib.brotliCompressSync(body, brotliOptions(body.length)),
    whole: body => brotli(body, brotliOptions(body.length)),
    stream: () => zlib.createBrotliCompress(brotliOptions(0)),
    flush: constants.BROTLI_OPERATION_FLUSH,
  },
  zstd: {
    sync: body => zlib.zstdCompressSync(body, zstdOptions),
    whole: body => zstd(body, zstdOptions),
    stream: () => zlib.createZstdCompress(zstdOptions),
    flush: constants.ZSTD_e_flush,
  },
}
