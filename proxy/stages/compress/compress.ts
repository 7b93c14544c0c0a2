// Compress: text goes out as zstd, br or gzip where the client takes it; streams stay streams.
import {
  ENCODINGS,
  type Encoding,
  parseAcceptEncoding,
  preferredEncoding,
  type Weights,
} from '../../lib/accept-encoding.ts'
import { memo } from '../../lib/memo.ts'
import { size } from '../../lib/units.ts'
import { variantsOf } from '../../lib/variants.ts'
import type { Zod } from '../../lib/zod.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { Now, Schema, StageModule } from '../../pipeline/stage.ts'
import { addVary, describeConfirmed, describeEncoded, forbidsTransform, obstacle } from './compressible.ts'
import { EncodedBody } from './encoded-body.ts'
import { encoders, SYNC_BYTES } from './encoders.ts'

export interface CompressConfig {
  on: boolean
  minBytes: number
  /** In order of preference. */
  encodings: Encoding[]
}

const MIN_BYTES = 1024
const DEFAULTS: CompressConfig = { on: true, minBytes: MIN_BYTES, encodings: [...ENCODINGS] }

const detail = (z: Zod) =>
  z.strictObject({
    minBytes: size(z).optional().describe('Smaller bodies go out as they are; 1kb where not given.'),
    encodings: z
      .array(z.enum(ENCODINGS))
      .min(1)
      .optional()
      .describe('The codings offered, the preferred first; zstd, br, gzip where not given.'),
  })

const schema = (z: Zod): Schema<CompressConfig> =>
  z
    .union([z.boolean().describe('true for the defaults, false for never.'), detail(z)])
    .transform(given =>
      typeof given === 'boolean'
        ? { ...DEFAULTS, on: given }
        : { on: true, minBytes: given.minBytes ?? MIN_BYTES, encodings: given.encodings ?? [...ENCODINGS] },
    )
    .describe('Whether replies are compressed on their way to the client.')

const weightsOf: (field: string) => Weights = memo(parseAcceptEncoding)

export const compress: StageModule<CompressConfig> = {
  name: 'compress',
  schema,
  fallback: DEFAULTS,
  create({ on, minBytes, encodings }) {
    if (!on) return undefined
    return {
      name: 'compress',
      onReply(x, reply) {
        const { headers } = reply
        if (reply.status === 304) describeConfirmed(headers, x.headers.list('if-none-match'), minBytes)
        // RFC 9110 section 15.3.7: a part says what the whole would, which may be encoded.
        if (reply.status === 206 && obstacle(200, headers, -1, minBytes) === '') addVary(headers)
        if (reply.empty && x.method !== 'HEAD') return
        const bytes = lengthOf(reply)
        const against = obstacle(reply.status, headers, bytes, minBytes)
        if (against !== '') return x.note('compress', 'skipped', bytes, 0, against)
        addVary(headers)
        if (reply.empty || x.method === 'HEAD') return x.note('compress', 'skipped', bytes, 0, 'head')
        if (forbidsTransform(x.headers)) return x.note('compress', 'skipped', bytes, 0, 'no-transform')
        const accepted = x.headers.list('accept-encoding')
        const coding = accepted === undefined ? '' : preferredEncoding(weightsOf(accepted), encodings)
        if (coding === '') return x.note('compress', 'skipped', bytes, 0, 'not-accepted')
        return encode(x, reply, coding, bytes)
      },
    }
  },
}

/** @returns −1 when only the end will tell */
function lengthOf(reply: Reply): number {
  if (!reply.empty) return reply.length
  const announced = reply.headers.get('content-length')
  return announced === undefined ? -1 : Number(announced)
}

function encode(x: Exchange, reply: Reply, coding: Encoding, bytes: number): Now<void> {
  const encoder = encoders[coding]
  const body = reply.take()!
  if (!Buffer.isBuffer(body)) {
    reply.body = new EncodedBody(body, encoder.stream(), encoder.flush)
    describeEncoded(reply.headers, coding, -1)
    return x.note('compress', 'compressed', bytes, -1, coding)
  }
  const kept = variantsOf(body)
  const known = kept?.get(coding)
  if (known !== undefined) return replace(x, reply, coding, bytes, known)
  const finish = (form: Buffer) => {
    if (!x.dry) kept?.add(coding, form)
    replace(x, reply, coding, bytes, form)
  }
  if (bytes <= SYNC_BYTES) return finish(encoder.sync(body))
  return encoder.whole(body).then(finish)
}

function replace(x: Exchange, reply: Reply, coding: Encoding, bytes: number, form: Buffer): void {
  reply.body = form
  describeEncoded(reply.headers, coding, form.length)
  // Encoding takes time that people see.
  x.touch()
  x.note('compress', 'compressed', bytes, form.length, coding)
}
