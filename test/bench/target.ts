// What the benchmark measures: a server under test, what it is asked for, and how its processes are found.

export type Scenario = 'proxied' | 'cached'

export interface Bench {
  /** A directory of this run; removed at the end. */
  folder: string
  /** The port of the backend on loopback. */
  backendPort: number
}

export interface Plan {
  command: readonly string[]
  env?: Record<string, string>
}

export interface Target {
  name: string
  scenarios: readonly Scenario[]
  /** The program that must be there, and the Debian package that brings it. */
  needs?: { program: string; debian: string }
  /** Writes the configuration and says what to start. */
  prepare(bench: Bench, port: number): Plan
  /** Tells the worker among the processes below the started one; without it the started one is the worker. */
  isWorker?(commandLine: string): boolean
}

/** The path of each scenario on the backend. */
export const paths: Record<Scenario, string> = { proxied: '/json', cached: '/cached' }
