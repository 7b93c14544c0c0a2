// The one place that turns a reason and its numbers into a sentence: for the dashboard, explain and the log.
import type { Decision } from '../control/admin/contract.ts'
import type { Attempt, KeepReason, Verdict } from './record.ts'

type Sentence = (v: Pick<Verdict, 'a' | 'b' | 'text'>) => string

function seconds(ms: number): string {
  if (ms < 1000 && ms !== 0) return `${trim(ms)} ms`
  return ms < 120_000
    ? `${trim(ms / 1000)} s`
    : ms < 7_200_000
      ? `${trim(ms / 60_000)} min`
      : `${trim(ms / 3_600_000)} h`
}

const trim = (value: number): string => String(Math.round(value * 10) / 10)
const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
const orElse = (text: string, other: string): string => (text === '' ? other : text)

function bytes(count: number): string {
  if (count < 1024) return plural(count, 'byte')
  if (count < 1024 ** 2) return `${trim(count / 1024)} KB`
  return count < 1024 ** 3 ? `${trim(count / 1024 ** 2)} MB` : `${trim(count / 1024 ** 3)} GB`
}

/** One-word causes that stages give, where the word alone would not say it. */
const CAUSES: Record<string, string> = {
  small: 'it is too small to gain from it',
  type: 'this content type does not shrink',
  'event-stream': 'an event stream must not be held back',
  encoded: 'it came compressed',
  'no-transform': 'Cache-Control says no-transform',
  digest: 'its digest would no longer hold',
  head: 'there is no body',
  'not-accepted': 'the client accepts no encoding that is offered',
  method: 'this method is not answered from it',
  status: 'this status is not one for it',
  'must-understand': 'the reply may be stored only by who knows its status',
  'no-store': 'Cache-Control says no-store',
  private: 'Cache-Control says private',
  'no-cache': 'Cache-Control says no-cache, and it cannot be confirmed for others',
  'set-cookie': 'the reply sets a cookie',
  'vary-star': 'by its Vary no two requests get the same',
  authorization: 'the request carries Authorization',
  'no-freshness': 'the reply does not say how long it is fresh',
  'ttl-override': 'the route sets the lifetime of this status to nothing',
  reflected: 'it repeats what this client alone said',
  validator: 'the upstream spoke of another version',
  'request-body': 'a request with a body has no meaning that others share',
  upgrade: 'another protocol was asked for',
  precondition: 'only the upstream can tell whether the condition holds',
  'too-large': 'the object is too large',
  incomplete: 'the reply ended early',
  memory: 'there is no room',
  invalidated: 'a write to the same address came between',
  range: 'a part was asked for',
}

/** What can be done where this keeps answers out of a cache. */
const HINTS: Record<string, string> = {
  'no-freshness': 'Let the origin send Cache-Control: max-age, or s-maxage for this cache alone.',
  'set-cookie': 'Let the origin set cookies only where it must, such as at login.',
  private: 'Where the answer is the same for everyone, let the origin say public instead.',
  'no-store': 'Where the answer is the same for everyone, let the origin drop no-store.',
  'no-cache':
    'Let the origin send an ETag, so that it can be stored and confirmed; or a short max-age with stale-while-revalidate.',
  'vary-star': 'Name the request fields that matter in Vary.',
  'vary-miss': 'Vary by fewer request fields: each of their values is a response of its own.',
  authorization: 'Where users share the answer, let the origin say public or s-maxage.',
  'too-large': 'Raise cache.maxObject of this route.',
  off: 'Set cache: true on this route: its replies say that they may be stored.',
  'off-unfresh': 'Let the origin send Cache-Control: max-age, then set cache: true on this route.',
  expired: 'Longer lifetimes, or stale-while-revalidate, answer these without waiting.',
}

/** Words of the advisor beside those of the stages. */
const ADVISED: Record<string, string> = {
  off: 'this route has no cache',
  'off-unfresh': 'this route has no cache, and its replies do not say how long they are fresh',
  'vary-miss': 'other request headers were asked for (Vary)',
  expired: 'what was stored was no longer fresh',
  cold: 'it had not been asked for before',
}

/** For the advisor: why most of a route's requests were not answered from the cache, and what helps. */
export function cacheCause(reason: string): { sentence: string; hint: string } {
  if (reason === '') return { sentence: '', hint: '' }
  if (reason.startsWith('reflected:')) return repeats(reason.slice('reflected:'.length))
  const words = Object.hasOwn(ADVISED, reason) ? ADVISED[reason]! : because(reason)
  const sentence = `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
  return { sentence, hint: Object.hasOwn(HINTS, reason) ? HINTS[reason]! : '' }
}

const repeats = (name: string): { sentence: string; hint: string } => ({
  sentence: `The reply repeats the request’s ${reflected(name)}, which is not in the key.`,
  hint: 'Let the origin leave it out or vary by it, or name it in key.headers or key.cookies of this route.',
})

const because = (text: string): string =>
  Object.hasOwn(CAUSES, text) ? CAUSES[text]! : (ruled(text) ?? orElse(text, 'no reason given'))

/** `rule:header:x`: a bypass rule of the route. */
function ruled(text: string): string | undefined {
  const match = /^rule:(header|cookie|path):(.*)$/s.exec(text)
  return match === null ? undefined : `the route’s bypass rule for ${match[1]} ${match[2]}`
}
const about = (before: string, text: string): string => (text === '' ? '' : `${before}${text}`)

/** Stage and reason → sentence. What `a`, `b` and `text` mean is said by the stage that writes them. */
const SENTENCES: Record<string, Record<string, Sentence>> = {
  wire: {
    refused: v => `Refused before any stage saw it: ${because(v.text)}.`,
    contradiction: () =>
      'Forwarded and X-Forwarded-For name different clients: neither was believed, the proxy in front counts as client.',
  },
  trace: {
    joined: () => "Joined the caller's trace.",
    started: () => 'Started a new trace: the request brought none.',
    invalid: () => 'Started a new trace: the traceparent it brought was not valid.',
    restarted: () => "Started a new trace: the caller's trace context is not trusted here.",
  },
  route: {
    matched: v => `Matched ${v.text}${v.a > 1 ? `, the most specific of ${v.a} routes that fit` : ''}.`,
    unmatched: v => `No route fits${about('; known are ', v.text)}.`,
    disabled: v => `Route ${v.text} is disabled: it could not start.`,
  },
  guard: {
    passed: () => 'Within all limits.',
    method: () => 'Refused: this method is not allowed here.',
    'answered-options': () => 'Answered here: OPTIONS asked this server itself.',
    'strict-path': () => 'Refused: this route is strict, and the path can be read in more than one way.',
    'connection-field': () => 'Refused: Connection names a field that belongs to the message.',
    expectation: () => 'Refused: only 100-continue can be expected.',
    'too-large': v =>
      `Refused: the body${v.a > 0 ? `, ${bytes(v.a)},` : ''} is over ${bytes(v.b)}, set by guard.maxBody.`,
    'websocket-key': () => 'Refused: the WebSocket key is not one.',
    'websocket-version': () => 'Refused: WebSocket version 13 is spoken here.',
    loop: v => `Refused: this request has come through here ${plural(v.a, 'time')} already.`,
    'ranges-dropped': v => `The Range header was dropped: ${v.a} ranges are too many.`,
  },
  limit: {
    allowed: v => `Allowed: ${v.a} of ${v.b} left for this ${limited(v.text)}.`,
    limited: v => `Refused: this ${limited(v.text)} has used its ${v.b}; free again in ${seconds(v.a)}.`,
    'would-limit': v =>
      `Would be refused, but the limit is only tried out: this ${limited(v.text)} has used its ${v.b}.`,
  },
  compress: {
    compressed: v =>
      `Compressed with ${v.text}${v.a > 0 && v.b > 0 ? `: ${bytes(v.a)} became ${bytes(v.b)}` : ''}.`,
    skipped: v => `Not compressed: ${because(v.text)}.`,
  },
  cache: {
    hit: v => `Answered from the cache: ${seconds(v.a * 1000)} old, fresh for ${seconds(v.b * 1000)}.`,
    'on-disk': v =>
      `Found on disk in ${seconds(v.a / 1000)}${v.text === 'dry' ? '' : ' and taken into memory'}.`,
    stale: v => `Answered from the cache although stale${about(' because the upstream failed: ', v.text)}.`,
    revalidated: v => `Answered from the cache: the upstream confirmed it for ${seconds(v.a * 1000)}.`,
    miss: () => 'Not in the cache.',
    'vary-miss': () => 'In the cache, but not for these request headers (Vary).',
    expired: v =>
      v.text === 'request'
        ? 'In the cache, but the request asks for a fresh one.'
        : v.text === 'no-cache'
          ? 'In the cache, and to be confirmed each time: Cache-Control says no-cache.'
          : 'In the cache, but no longer fresh.',
    bypass: v => `The cache was passed by: ${because(v.text)}.`,
    collapsed: v => `Waited ${seconds(v.a)} for the same request of another client and shared its answer.`,
    stored: v => `Stored for ${seconds(v.a * 1000)}${v.b > 0 ? `, ${bytes(v.b)}` : ''}.`,
    'not-stored': v => `Not stored: ${because(v.text)}.`,
    'only-if-cached': () => 'Refused: it is not in the cache, and the request asks for nothing else.',
    reflected: v =>
      `The reply repeats the request’s ${reflected(v.text)}, which is not in the key: it is not for others.`,
    freshened: () => 'The answer to HEAD confirmed what is stored.',
    'out-of-date': () => 'The answer to HEAD shows that what was stored is out of date: it was removed.',
    invalidated: v => `Removed ${plural(v.a, 'stored answer')}: this request changed what they showed.`,
    off: () => 'This route has no cache.',
  },
  forward: {
    picked: v =>
      `Took ${picked(v.text)}, with ${plural(v.a, 'request')} in flight${v.b > 1 ? `, of ${v.b} upstreams` : ''}.`,
    retried: v => `Tried again after ${plural(v.a, 'failure')}: ${because(v.text)}.`,
    'no-upstream': v => `No upstream could take the request${about(': ', v.text)}.`,
    failed: v => `Gave up: ${because(v.text)}.`,
    ejected: v => `Took ${orElse(v.text, 'the upstream')} out for ${seconds(v.a)} after repeated failures.`,
    upgraded: v => `Switched protocols${about(' to ', v.text)}.`,
  },
}

/** A header's name, or `cookie:x`. */
const reflected = (name: string): string =>
  name.startsWith('cookie:') ? `cookie ${name.slice(7)}` : `header ${name}`

/** `client`, or `header:x`. */
const limited = (kind: string): string =>
  kind.startsWith('header:') ? `value of ${kind.slice(7)}` : orElse(kind, 'client')

/** `host:port why`. */
function picked(text: string): string {
  const [upstream = '', ...why] = text.split(' ')
  return `${upstream}${why.length === 0 ? '' : ` (${words(why.join(' '))})`}`
}

const words = (text: string): string =>
  orElse(text.replaceAll('_', ' ').replaceAll('-', ' '), 'no reason given')

/** A verdict in words. A reason that is not known here still reads: its words and its text. */
export function decide(verdict: Verdict): Decision {
  const { stage, reason, atUs, tookUs } = verdict
  return { stage, reason, sentence: sentenceOf(verdict), atUs, tookUs }
}

export function sentenceOf(verdict: Pick<Verdict, 'stage' | 'reason' | 'a' | 'b' | 'text'>): string {
  const known = Object.hasOwn(SENTENCES, verdict.stage) ? SENTENCES[verdict.stage]! : {}
  if (Object.hasOwn(known, verdict.reason)) return known[verdict.reason]!(verdict)
  const said = words(verdict.reason)
  const text = verdict.text === '' ? '' : `: ${verdict.text}`
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}${text}.`
}

export function attemptSentence(attempt: Attempt): string {
  const who = `${attempt.upstream}${attempt.picked === '' ? '' : ` (${words(attempt.picked)})`}`
  const connection = attempt.reused ? 'on an open connection' : 'on a new connection'
  const took = attempt.endUs < 0 ? '' : ` after ${trim((attempt.endUs - attempt.startUs) / 1000)} ms`
  if (attempt.error !== '') {
    return `${who} failed${took} ${connection}: ${words(attempt.error)}${about(': ', attempt.errorText)}.`
  }
  if (attempt.status === 0)
    return `${who} was asked ${connection} and had not answered when the exchange ended.`
  const head = attempt.headUs < 0 ? '' : ` in ${trim((attempt.headUs - attempt.startUs) / 1000)} ms`
  return `${who} answered ${attempt.status}${head} ${connection}${about(', with ', attempt.errorText)}.`
}

const KEPT: Record<KeepReason, string> = {
  budget: 'Kept: all requests were, at this rate.',
  error: 'Kept because it failed.',
  slow: 'Kept because it was slow.',
  limited: 'Kept because it was limited.',
  retried: 'Kept because it was tried again.',
  rare: 'Kept because requests like it are rare.',
  sampled: 'Kept as a sample.',
}

/** Why this row exists, and how many exchanges it stands for. */
export function keepSentence(keep: KeepReason, weight: number): string {
  return weight > 1 ? `${KEPT[keep]} It stands for ${trim(weight)} requests.` : KEPT[keep]
}
