// The command line of the benchmark.
import { parseArgs } from 'node:util'

export interface Options {
  rounds: number
  seconds: number
  connections: number
  /** Names that were asked for; undefined: all. */
  scenarios: string[] | undefined
  /** Beginnings of targets' names; undefined: all. */
  only: string[] | undefined
  json: string | undefined
  accessLog: boolean
  list: boolean
}

export const usage = `npm run bench -- [options]
  --rounds N         measured rounds of each target, in turn (5)
  --seconds N        of load per round (3)
  --connections N    of wrk (32)
  --scenarios A,B    only these scenarios
  --only A,B         only these targets; ratios need nginx and caddy
  --access-log       every target writes its access log to a file
  --json FILE        the figures of every round
  --list             names scenarios and targets
`

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '32' },
      scenarios: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'string' },
      'access-log': { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  })
  const whole = (key: 'rounds' | 'seconds' | 'connections') => {
    const value = Number(values[key])
    if (Number.isInteger(value) && value >= 1) return value
    throw new Error(`--${key} needs a whole number, not "${values[key]}"`)
  }
  return {
    rounds: whole('rounds'),
    seconds: whole('seconds'),
    connections: whole('connections'),
    scenarios: values.scenarios?.toLowerCase().split(','),
    only: values.only?.toLowerCase().split(','),
    json: values.json,
    accessLog: values['access-log'],
    list: values.list,
  }
}
