// The test runner of `npm test`: static checks, then vitest; all of them run, and the last line has the totals.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'

interface Step {
  name: string
  command: readonly string[]
}

interface Outcome {
  name: string
  passed: number
  failed: number
  skipped: number
  seconds: number
}

/** What vitest's JSON reporter writes, as far as it is read here. */
interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  testResults: { status: string; assertionResults: unknown[] }[]
}

const root = path.resolve(import.meta.dirname, '../..')
const bin = path.join(root, 'node_modules', '.bin')
const reportFile = path.join(root, 'node_modules', '.cache', 'oriel', 'vitest.json')
const filters = process.argv.slice(2)

const checks: readonly Step[] = [
  { name: 'format and lint', command: ['biome', 'check', '.'] },
  { name: 'unused code', command: ['knip'] },
  { name: 'types', command: ['tsc', '-b'] },
]

const vitest: Step = {
  name: 'tests',
  command: [
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...filters,
  ],
}

const bold = (text: string) => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text)

function execute({ name, command }: Step): Promise<{ ok: boolean; seconds: number }> {
  process.stdout.write(`\n${bold(`── ${name}`)}: ${command[0]}\n`)
  const startedMs = performance.now()
  return new Promise(resolve => {
    const done = (ok: boolean) => {
      const seconds = (performance.now() - startedMs) / 1000
      process.stdout.write(`── ${name}: ${ok ? 'passed' : 'FAILED'} in ${seconds.toFixed(1)} s\n`)
      resolve({ ok, seconds })
    }
    const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` }
    const child = spawn(command[0]!, command.slice(1), { cwd: root, env, stdio: 'inherit' })
    child.on('error', error => {
      process.stdout.write(`${error.message}\n`)
      done(false)
    })
    child.on('exit', code => done(code === 0))
  })
}

function readReport(): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport
  } catch {
    return undefined
  }
}

async function runVitest(): Promise<Outcome> {
  mkdirSync(path.dirname(reportFile), { recursive: true })
  rmSync(reportFile, { force: true })
  const { ok, seconds } = await execute(vitest)
  const report = readReport()
  if (report === undefined) return { name: vitest.name, passed: 0, failed: 1, skipped: 0, seconds }
  // A file that does not load has no tests of its own to fail.
  const broken = report.testResults.filter(
    file => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
  const failed = report.numFailedTests + broken
  return {
    name: vitest.name,
    passed: report.numPassedTests,
    // Vitest also fails for an error outside of any test.
    failed: ok ? failed : Math.max(1, failed),
    skipped: report.numPendingTests,
    seconds,
  }
}

async function main(): Promise<void> {
  process.stdout.write(`Node ${process.versions.node}, ${availableParallelism()} cores\n`)
  const outcomes: Outcome[] = []
  for (const check of filters.length ? [] : checks) {
    const { ok, seconds } = await execute(check)
    outcomes.push({ name: check.name, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, seconds })
  }
  outcomes.push(await runVitest())
  process.stdout.write(`\n${bold('── summary')}\n`)
  for (const { name, passed, failed, skipped, seconds } of outcomes) {
    const note = skipped ? `, ${skipped} skipped` : ''
    process.stdout.write(
      `${failed ? '✗' : '✓'} ${name.padEnd(16)} ${passed} passed, ${failed} failed${note} (${seconds.toFixed(1)} s)\n`,
    )
  }
  const sum = (key: 'passed' | 'failed') => outcomes.reduce((total, outcome) => total + outcome[key], 0)
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed\n`)
  process.exitCode = sum('failed') ? 1 : 0
}

await main()
