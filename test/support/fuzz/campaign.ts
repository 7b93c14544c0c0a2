// A run of many cases from one seed, each with a seed of its own; what fails is made small.
import { seeded } from '../random.ts'
import { compareReplies, compareRequests, type Used } from './compare.ts'
import { cut, mutate, REPLIES, REQUESTS } from './mutate.ts'

export interface Finding {
  /** Runs this case alone: `SEED=… CASES=1`. */
  seed: number
  side: 'request' | 'reply'
  what: string
  text: string
  /** The least text found that still fails when it is cut at every place. */
  small: string
}

export interface Campaign {
  cases: number
  used: Used
  findings: Finding[]
}

const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST']
const MOST_FINDINGS = 20

/** @param goesOn asked now and then with the cases so far */
export function runCampaign(
  seed: number,
  cases: number,
  goesOn: (campaign: Campaign) => boolean = () => true,
): Campaign {
  const campaign: Campaign = { cases: 0, used: new Map(), findings: [] }
  for (let i = 0; i < cases; i++) {
    if (i % 1000 === 0 && i > 0 && !goesOn(campaign)) break
    runCase(seed + i, campaign)
    campaign.cases++
    if (campaign.findings.length >= MOST_FINDINGS) break
  }
  return campaign
}

function runCase(seed: number, { used, findings }: Campaign): void {
  const random = seeded(seed)
  const side = random() < 0.5 ? 'request' : 'reply'
  const method = METHODS[Math.floor(random() * METHODS.length)]!
  const text = mutate(random, side === 'request' ? REQUESTS : REPLIES)
  const pieces = cut(random, text)
  const judge = (text: string, pieces: readonly Buffer[]): string => {
    try {
      return side === 'request'
        ? compareRequests(text, pieces, used)
        : compareReplies(text, pieces, method, used)
    } catch (error) {
      return `thrown: ${(error as Error).stack}`
    }
  }
  const what = judge(text, pieces)
  if (what === '') return
  const kind = kindOf(what)
  const fails = (candidate: string): boolean =>
    cuts(candidate).some(parts => kindOf(judge(candidate, parts)) === kind)
  findings.push({
    seed,
    side,
    what: `${what} (${method})`,
    text,
    small: fails(text) ? minimise(text, fails) : text,
  })
}

/** The same fault with other numbers and bytes. */
const kindOf = (what: string): string => what.replace(/\d+|".*/gs, '')

/** Whole, in two at every place, and byte by byte. */
function cuts(text: string): Buffer[][] {
  const bytes = Buffer.from(text, 'latin1')
  const inTwo = Array.from({ length: Math.max(0, bytes.length - 1) }, (_, i) => [
    bytes.subarray(0, i + 1),
    bytes.subarray(i + 1),
  ])
  return [[bytes], ...inTwo, [...bytes].map(byte => Buffer.from([byte]))]
}

/** Leaves out ever smaller parts as long as it still fails. */
export function minimise(text: string, fails: (candidate: string) => boolean): string {
  let small = text
  for (let size = small.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at + size <= small.length; ) {
      const candidate = small.slice(0, at) + small.slice(at + size)
      if (fails(candidate)) small = candidate
      else at += size
    }
  }
  return small
}
