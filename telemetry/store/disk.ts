// The databases behind a guard: after a fault of the disk nothing is tried until it is time, then all is reopened.
import { closeDatabases, type Databases, openDatabases } from './databases.ts'
import { diskFault } from './disk-fault.ts'
import type { OpenDriver } from './driver.ts'
import type { ReportAside } from './open-database.ts'

export interface Fault {
  /** For people. */
  reason: string
  full: boolean
  sinceMs: number
}

export interface DiskOptions {
  dataDir: string
  retryMs: number
  open: OpenDriver
  now: () => number
  /** A fault began, or its reason changed. */
  onFault: (fault: Fault) => void
  onAside: ReportAside
}

export class Disk {
  readonly #options: DiskOptions
  #databases: Databases | null = null
  #fault: Fault | null = null
  #nextTryMs = 0

  constructor(options: DiskOptions) {
    this.#options = options
  }

  /** Null: all is well. */
  get fault(): Fault | null {
    return this.#fault
  }

  get retryDue(): boolean {
    return this.#fault !== null && this.#options.now() >= this.#nextTryMs
  }

  /** @returns whether the work was done: false during a fault and when one begins. Other errors are thrown. */
  use(work: (databases: Databases) => void): boolean {
    return this.#fault === null && this.#attempt(work)
  }

  /** During a fault: reopens everything and does the work. @returns whether the fault is over */
  retry(work: (databases: Databases) => void): boolean {
    if (!this.#attempt(work)) return false
    this.#fault = null
    return true
  }

  close(): void {
    if (this.#databases !== null) closeDatabases(this.#databases)
    this.#databases = null
  }

  #attempt(work: (databases: Databases) => void): boolean {
    const { dataDir, open, now, onAside } = this.#options
    try {
      this.#databases ??= openDatabases(dataDir, open, now(), onAside)
      work(this.#databases)
      return true
    } catch (error) {
      const known = diskFault(error)
      if (known === undefined) throw error
      this.#begin({ ...known, sinceMs: this.#fault?.sinceMs ?? now() })
      return false
    }
  }

  #begin(fault: Fault): void {
    this.close()
    const changed = this.#fault?.reason !== fault.reason
    this.#fault = fault
    this.#nextTryMs = this.#options.now() + this.#options.retryMs
    if (changed) this.#options.onFault(fault)
  }
}
