// The one place that turns a reason and its numbers into a sentence: for the dashboard, explain and the log.
import type { Decision } from '../control/admin/contract.ts'
import type { Attempt, KeepReason, Verdict } from './record.ts'

type Sentence = (v: Pick<Verdict, 'a' | 'b' | 'text'>) => string

const seconds = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${trim(ms / 1000)} s`)
const trim = (value: number): string => String(Math.round(value * 10) / 10)
const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
const orElse = (text: string, other: string): string => (text === '' ? other : text)

function bytes(count: number): string {
  if (count < 1024) return plural(count, 'byte')
  if (count < 1024 ** 2) return `${trim(count / 1024)} KB`
  return count < 1024 ** 3 ? `${trim(count / 1024 ** 2)} MB` : `${trim(count / 1024 ** 3)} GB`
}

/** Stage and reason → sentence. What `a`, `b` and `text` mean is said by the stage that writes them. */
const SENTENCES: Record<string, Record<string, Sentence>> = {
  wire: {
    refused: v => `Refused before any stage saw it: ${orElse(v.text, 'not a valid request')}.`,
  },
  trace: {
    joined: () => "Joined the caller's trace.",
    started: () => 'Started a new trace: the request brought none.',
    invalid: () => 'Started a new trace: the traceparent it brought was not valid.',
    restarted: () => "Started a new trace: the caller's trace context is not trusted here.",
  },
  route: {
    matched: v =>
      v.a > 1 ? `Matched ${v.text}, the most specific of ${v.a} routes that fit.` : `Matched ${v.text}.`,
    unmatched: v => `No route fits${v.text === '' ? '' : `; known hosts: ${v.text}`}.`,
  },
  guard: {
    passed: () => 'Within all limits.',
    'body-too-large': v =>
      `Refused: the body is over ${bytes(v.a)}, set by ${orElse(v.text, 'the body limit')}.`,
    'method-refused': v => `Refused: the method${v.text === '' ? '' : ` ${v.text}`} is not allowed here.`,
    'uri-too-long': v => `Refused: the URL is longer than ${bytes(v.a)}.`,
    'head-too-large': v => `Refused: the request head is over ${bytes(v.a)}.`,
    'expectation-refused': v => `Refused: the expectation${v.text === '' ? '' : ` ${v.text}`} cannot be met.`,
    loop: () => 'Refused: this request has come through here already.',
  },
  limit: {
    allowed: v => `Allowed: ${v.a} of ${v.b} left for ${orElse(v.text, 'this client')}.`,
    limited: v =>
      `Refused: ${orElse(v.text, 'this client')} has used its ${v.b}; free again in ${seconds(v.a)}.`,
  },
  compress: {
    encoded: v => `Compressed with ${v.text}.`,
    'not-asked': () => 'Not compressed: the client accepts no encoding that is offered.',
    'too-small': v => `Not compressed: ${bytes(v.a)} is too small to gain from it.`,
    type: v => `Not compressed: ${orElse(v.text, 'this content type')} does not shrink.`,
    'encoded-already': () => 'Not compressed: it came compressed.',
    'no-transform': () => 'Not compressed: Cache-Control says no-transform.',
    partial: () => 'Not compressed: it is a part of a larger body.',
    sse: () => 'Not compressed: an event stream must not be held back.',
  },
  cache: {
    hit: v => `Answered from the cache: ${plural(v.a, 'second')} old, fresh for ${v.b} s.`,
    stale: v => `Answered from the cache although stale: ${plural(v.a, 'second')} old.`,
    revalidated: () => 'Answered from the cache after the upstream confirmed it.',
    miss: () => 'Not in the cache.',
    'vary-miss': () => 'In the cache, but not for these request headers (Vary).',
    expired: () => 'In the cache, but no longer fresh.',
    bypass: v => `The cache was passed by: ${orElse(v.text, 'not cacheable')}.`,
    collapsed: v => `Waited ${seconds(v.a)} for the same request of another client and shared its answer.`,
    stored: v => `Stored for ${plural(v.a, 'second')}.`,
    'not-stored': v => `Not stored: ${orElse(v.text, 'not cacheable')}.`,
    off: () => 'This route has no cache.',
  },
  forward: {
    picked: v => `Took ${v.text}, with ${plural(v.a, 'request')} in flight.`,
    retried: v => `Tried again: ${orElse(v.text, 'the first attempt failed')}.`,
    'no-upstream': () => 'No upstream could take the request.',
    failed: v => `The upstream failed: ${words(v.text)}.`,
    ejected: v => `${orElse(v.text, 'The upstream')} was taken out after repeated failures.`,
    upgraded: v => `Switched protocols${v.text === '' ? '' : ` to ${v.text}`}.`,
  },
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
  const tookMs = trim(Math.max(0, attempt.endUs - attempt.startUs) / 1000)
  const connection = attempt.reused ? 'on an open connection' : 'on a new connection'
  const why = attempt.picked === '' ? '' : ` (${words(attempt.picked)})`
  if (attempt.error !== '') {
    const detail = attempt.errorText === '' ? '' : `: ${attempt.errorText}`
    return `${attempt.upstream}${why} failed after ${tookMs} ms ${connection}: ${words(attempt.error)}${detail}.`
  }
  return `${attempt.upstream}${why} answered ${attempt.status} in ${tookMs} ms ${connection}.`
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
