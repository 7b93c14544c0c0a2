// Connections of HTTP/2 clients, right and spoilt, cut at any place: always the same requests, and those that were said.
import { PREFACE } from '../http2/client.ts'
import { type Random, seeded } from '../random.ts'
import { readByHttp2Gate } from './by-http2-gate.ts'
import { pick, spoil } from './hpack-blocks.ts'
import { pieces, SessionWriter } from './http2-sessions.ts'

const note = (used: Map<string, number>, what: string): void => void used.set(what, (used.get(what) ?? 0) + 1)

/** Whole; at a few places; in small pieces; byte by byte. */
function cuts(random: Random, bytes: Buffer): Buffer[][] {
  const places = (count: number) =>
    Array.from({ length: count }, () => Math.floor(random() * bytes.length)).sort((a, b) => a - b)
  const ways = [
    [bytes],
    pieces(bytes, places(1)),
    pieces(bytes, places(8)),
    pieces(bytes, places(bytes.length >> 3)),
  ]
  if (bytes.length < 4000) ways.push([...bytes].map(byte => Buffer.from([byte])))
  return ways
}

function differ(random: Random, bytes: Buffer): string {
  const [whole, ...others] = cuts(random, bytes).map(way => JSON.stringify(readByHttp2Gate(way)))
  const other = others.find(it => it !== whole)
  return other === undefined ? '' : `cut in another way it is read in another:\n  ${whole}\n  ${other}`
}

/** What was said is what is read, whatever stands between. */
export function rightCase(seed: number, used: Map<string, number>): string {
  const random = seeded(seed)
  const { frames, wanted } = new SessionWriter(random)
  const bytes = Buffer.concat([PREFACE, ...frames])
  const { messages, refusals, faults, answered, finished } = readByHttp2Gate([bytes])
  note(used, `${wanted.length} requests`)
  const hex = `\n  ${bytes.toString('hex').slice(0, 4000)}`
  if (JSON.stringify(messages) !== JSON.stringify(wanted))
    return `${JSON.stringify(messages)}\n  where ${JSON.stringify(wanted)} was said${hex}`
  // The gate answers a request that is not whole, too, and wants no more of it: RST_STREAM NO_ERROR.
  const wrong = faults.filter(it => !/^RST \d+ 0$/.test(it))
  if (refusals.length > 0 || wrong.length > 0) return `${refusals.join()} ${wrong.join()}${hex}`
  if (finished !== wanted.length) return `${finished} of ${wanted.length} are finished${hex}`
  if (new Set(answered).size !== answered.length) return `answered twice: ${answered.join()}${hex}`
  const difference = differ(random, bytes)
  return difference === '' ? '' : difference + hex
}

/** The same with frames spoilt, left out, repeated or exchanged: nothing is expected but that cuts do not matter. */
export function spoiltCase(seed: number, used: Map<string, number>): string {
  const random = seeded(seed)
  const frames = [PREFACE, ...new SessionWriter(random).frames]
  for (let i = 1 + Math.floor(random() * 3); i > 0; i--) {
    const at = Math.floor(random() * frames.length)
    const how = random()
    if (how < 0.6) frames[at] = spoil(random, frames[at]!)
    else if (how < 0.75) frames.splice(at, 1)
    else if (how < 0.9) frames.splice(Math.floor(random() * frames.length), 0, frames[at]!)
    else frames[at] = pick(random, frames)
    if (frames.length === 0) return ''
  }
  const bytes = Buffer.concat(frames)
  const { messages, refusals, faults, finished } = readByHttp2Gate([bytes])
  for (const reason of refusals) note(used, reason)
  const hex = `\n  ${bytes.toString('hex').slice(0, 4000)}`
  if (finished !== messages.length) return `${finished} of ${messages.length} are finished${hex}`
  if (faults.filter(it => it.startsWith('GOAWAY')).length > 1 && refusals.length > 1)
    return `the connection ended twice: ${faults.join()}${hex}`
  const difference = differ(random, bytes)
  return difference === '' ? '' : difference + hex
}
