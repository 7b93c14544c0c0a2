// The long run of the parsers' fuzzers: CASES, SEED, SECONDS and SIDE bound it; a failure prints its seed and its least text.
import { runCampaign } from './campaign.ts'
import { decodeCase, encodeCase, runCases } from './hpack-campaign.ts'
import { rightCase, spoiltCase } from './http2-campaign.ts'

const cases = Number(process.env.CASES ?? Number.MAX_SAFE_INTEGER)
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000)
const seconds = Number(
  process.env.SECONDS ?? (process.env.CASES === undefined ? 60 : Number.POSITIVE_INFINITY),
)
const PROGRESS_MS = 5000

interface Found {
  cases: number
  used: Map<string, number>
  findings: readonly unknown[]
}
type GoesOn = (campaign: Found) => boolean

function runHttp1(goesOn: GoesOn): Found {
  const campaign = runCampaign(seed, cases, goesOn)
  const findings = campaign.findings.map(
    ({ seed, side, what, text, small }) =>
      `SEED=${seed} CASES=1 (${side}): ${what}\n  text  ${JSON.stringify(text)}\n  least ${JSON.stringify(small)}`,
  )
  return { ...campaign, findings }
}

/** Each gets its share of the time. */
const sides: Record<string, (goesOn: GoesOn) => Found> = {
  http1: runHttp1,
  'hpack-in': goesOn => runCases(seed, cases, decodeCase, goesOn),
  'hpack-out': goesOn => runCases(seed, cases, encodeCase, goesOn),
  http2: goesOn => runCases(seed, cases, rightCase, goesOn),
  'http2-spoilt': goesOn => runCases(seed, cases, spoiltCase, goesOn),
}
const chosen = process.env.SIDE?.split(',') ?? Object.keys(sides)

process.stdout.write(`seed ${seed}\n`)
for (const side of chosen) {
  const startedMs = performance.now()
  let saidMs = startedMs
  const { findings, used, cases } = sides[side]!(campaign => {
    const now = performance.now()
    if (now - saidMs > PROGRESS_MS) {
      saidMs = now
      const perSecond = Math.round((campaign.cases * 1000) / (now - startedMs))
      process.stdout.write(
        `${side}: ${campaign.cases} cases, ${perSecond}/s, ${campaign.findings.length} findings\n`,
      )
    }
    return now - startedMs < (seconds * 1000) / chosen.length
  })
  for (const finding of findings) process.stdout.write(`\nSIDE=${side} ${finding}\n`)
  process.stdout.write(`\n${side}: ${cases} cases, ${findings.length} findings; how they went:\n`)
  for (const [what, count] of [...used].sort((a, b) => b[1] - a[1]).slice(0, 40))
    process.stdout.write(`${String(count).padStart(9)} ${what}\n`)
  if (findings.length > 0) process.exitCode = 1
}
