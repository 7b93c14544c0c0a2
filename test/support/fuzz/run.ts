// The long run of the parser's fuzzer: CASES, SEED and SECONDS bound it; a failure prints its seed and its least text.
import { runCampaign } from './campaign.ts'

const cases = Number(process.env.CASES ?? Number.MAX_SAFE_INTEGER)
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000)
const seconds = Number(
  process.env.SECONDS ?? (process.env.CASES === undefined ? 60 : Number.POSITIVE_INFINITY),
)
const PROGRESS_MS = 5000

const startedMs = performance.now()
let saidMs = startedMs
process.stdout.write(`seed ${seed}\n`)
const {
  findings,
  used,
  cases: done,
} = runCampaign(seed, cases, campaign => {
  const now = performance.now()
  if (now - saidMs > PROGRESS_MS) {
    saidMs = now
    const perSecond = Math.round((campaign.cases * 1000) / (now - startedMs))
    process.stdout.write(`${campaign.cases} cases, ${perSecond}/s, ${campaign.findings.length} findings\n`)
  }
  return now - startedMs < seconds * 1000
})
for (const { seed, side, what, text, small } of findings) {
  process.stdout.write(
    `\nSEED=${seed} CASES=1 (${side}): ${what}\n  text  ${JSON.stringify(text)}\n  least ${JSON.stringify(small)}\n`,
  )
}
process.stdout.write(`\n${done} cases, ${findings.length} findings; stricter or laxer on purpose:\n`)
for (const [rule, count] of [...used].sort((a, b) => b[1] - a[1]))
  process.stdout.write(`${String(count).padStart(9)} ${rule}\n`)
process.exitCode = findings.length > 0 ? 1 : 0
