// A server under test: how it is started, and how its worker is told from its other processes.
import type { Need } from './tools.ts'

export interface Ports {
  http: number
  https: number
}

/** PEM files of the one certificate that all targets serve. */
export interface CertificateFiles {
  certificate: string
  key: string
  /** Both in one, as HAProxy wants it. */
  both: string
}

export interface Bench {
  /** A directory for this target alone; removed at the end. */
  folder: string
  ports: Ports
  /** The port of the backend on loopback. */
  backendPort: number
  certificate: CertificateFiles
  /** Worker processes, or threads where a target has those. */
  workers: number
  accessLog: boolean
}

export interface Plan {
  command: readonly string[]
  env?: Record<string, string>
}

export interface Target {
  name: string
  /** The program that must be there, and the Debian package that brings it. */
  needs?: Need
  takesPart(scenario: string): boolean
  /** Writes the configuration and says what to start. An access log goes to stdout or into the folder. */
  prepare(bench: Bench): Plan
  /** Tells the worker among the processes below the started one; without it the started one is the worker. */
  isWorker?(commandLine: string): boolean
}

/** Connections that every target must be able to hold at once. */
export const MAX_CONNECTIONS = 10_500
