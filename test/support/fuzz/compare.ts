// Two readings of the same bytes: where they may differ, and why; everything else is a finding.
import { readRequestsByGate } from './by-gate.ts'
import { readReplyByUpstream } from './by-upstream.ts'
import { readReplyByLlhttp, readRequestsByLlhttp } from './llhttp.ts'
import type { Reading, ReadMessage } from './reading.ts'
import { LAXER, STRICTER_REPLIES, STRICTER_REQUESTS } from './rules.ts'

/** Rules of ours that refused what llhttp takes, and how often. */
export type Used = Map<string, number>

/** @returns '' or what is wrong */
export function compareRequests(text: string, pieces: readonly Buffer[], used: Used): string {
  const ours = readRequestsByGate(pieces)
  const whole = [Buffer.from(text, 'latin1')]
  const once = readRequestsByGate(whole, null)
  if (wholes(ours) !== wholes(once)) return `cut: ${wholes(ours)}, whole: ${wholes(once)}`
  if ((ours.refusal === '') !== (once.refusal === '')) return `cut: ${ours.refusal}, whole: ${once.refusal}`
  const theirs = readRequestsByLlhttp(pieces)
  const mine = ours.messages.filter(message => message.whole)
  for (const [i, message] of mine.entries()) {
    const other = theirs.messages[i]
    if (other === undefined || !other.whole) {
      if (lax(text, theirs, used)) return ''
      return `llhttp refuses request ${i} (${theirs.refusal}), the gate lets it in`
    }
    const difference = differs(message, other)
    if (difference !== '') return `request ${i}: ${difference}`
  }
  const more = theirs.messages.filter(message => message.whole).length - mine.length
  if (more <= 0 || ours.socket.ended) return explained(ours.refusal, more, STRICTER_REQUESTS, used)
  return `llhttp reads ${more} more, the gate waits`
}

/** @returns '' or what is wrong */
export function compareReplies(text: string, pieces: readonly Buffer[], method: string, used: Used): string {
  const ours = readReplyByUpstream(pieces, method)
  const once = readReplyByUpstream([Buffer.from(text, 'latin1')], method, null)
  if (wholes(ours) !== wholes(once)) return `cut: ${wholes(ours)}, whole: ${wholes(once)}`
  if (ours.reusable && !once.reusable) return 'cut, the connection is used again; whole, it is not'
  const theirs = readReplyByLlhttp(pieces, method)
  const final = theirs.messages.find(({ start }) => !start.startsWith('1'))
  const mine = ours.messages[0]
  if (mine?.whole !== true) {
    const takes = final?.whole === true && theirs.refusal === ''
    if (!takes || lax(text, theirs, used)) return ''
    return explained(ours.refusal, 1, STRICTER_REPLIES, used)
  }
  if (final === undefined)
    return lax(text, theirs, used) ? '' : `llhttp reads no reply (${theirs.refusal}), we do`
  if (lax(text, theirs, used)) return ''
  if (mine.start !== final.start) return `we read ${mine.start}, llhttp ${final.start}`
  if (!final.whole)
    return lax(text, theirs, used) ? '' : `llhttp refuses the reply (${theirs.refusal}), we take it`
  if (mine.body !== final.body) return `bodies ${JSON.stringify(mine.body)} and ${JSON.stringify(final.body)}`
  return ours.reusable && theirs.messages.length > theirs.messages.indexOf(final) + 1
    ? 'bytes stand behind the reply, and the connection is used again'
    : ''
}

const wholes = ({ messages }: Reading): string =>
  JSON.stringify(messages.filter(({ whole }) => whole).map(({ start, body }) => [start, body]))

function differs(ours: ReadMessage, theirs: ReadMessage): string {
  // A target in absolute form is told apart into authority and path: another test's matter.
  if (ours.start !== theirs.start && !/ https?:\/\//i.test(theirs.start))
    return `${ours.start} and ${theirs.start}`
  if (ours.body !== theirs.body)
    return `bodies ${JSON.stringify(ours.body)} and ${JSON.stringify(theirs.body)}`
  const [a, b] = [JSON.stringify(ours.fields), JSON.stringify(theirs.fields)]
  return a === b ? '' : `fields ${a} and ${b}`
}

/** What we refuse and llhttp takes must be one of our named rules. */
function explained(
  refusal: string,
  more: number,
  rules: Readonly<Record<string, string>>,
  used: Used,
): string {
  if (more <= 0) return ''
  const rule = Object.keys(rules).find(name => refusal.includes(name))
  if (rule === undefined) return `refused by a rule that has no name: ${refusal || 'none'}`
  used.set(rule, (used.get(rule) ?? 0) + 1)
  return ''
}

function lax(text: string, { refusal }: Reading, used: Used): boolean {
  const rule = LAXER.find(it => it.refusal.test(refusal) && it.where.test(text))
  if (rule !== undefined) used.set(rule.why, (used.get(rule.why) ?? 0) + 1)
  return rule !== undefined
}
