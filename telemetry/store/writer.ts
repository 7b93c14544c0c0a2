// What the store thread does: writes what arrives, outlives a disk that refuses, and says what was lost.
import { join } from 'node:path'
import type { TimelineEvent } from '../../control/admin/contract.ts'
import { countTuples } from '../count-tuples.ts'
import { parseRecords, type TallyCell } from '../record.ts'
import { dropBallast, layBallast } from './ballast.ts'
import { Complaint } from './complaint.ts'
import type { Databases } from './databases.ts'
import { Disk, type Fault } from './disk.ts'
import { downtime } from './downtime.ts'
import { type OpenDriver, openDriver } from './driver.ts'
import type { FromStore, StoreSettings } from './messages.ts'
import { PendingCells } from './pending-cells.ts'
import { planRetention, removeEventFile, sizedFiles } from './retention.ts'

const RETAIN_EVERY_MS = 60_000
/** Flushing takes at most a tenth of the thread's time. */
const FLUSH_REST = 10
const MAX_WAITING_EVENTS = 1000

export interface WriterParts {
  /** To the control process. */
  post: (message: FromStore) => void
  /** In tests: a driver that fails. */
  open?: OpenDriver
  /** In tests: a clock that stands. */
  now?: () => number
}

export class Writer {
  readonly #settings: StoreSettings
  readonly #eventsDir: string
  readonly #post: (message: FromStore) => void
  readonly #now: () => number
  readonly #disk: Disk
  readonly #pending = new PendingCells()
  readonly #complaint = new Complaint()
  /** Of the last fault, for people. */
  #reason = ''
  #waitingEvents: TimelineEvent[] = []
  #foldedUntilS = 0
  /** The last tally taken over. */
  #sequence = 0
  #nextFlushMs = 0
  #nextRetainMs = 0

  constructor(settings: StoreSettings, parts: WriterParts) {
    this.#settings = settings
    this.#eventsDir = join(settings.dataDir, 'events')
    this.#post = parts.post
    this.#now = parts.now ?? Date.now
    this.#disk = new Disk({
      dataDir: settings.dataDir,
      retryMs: settings.retryMs,
      open: parts.open ?? openDriver,
      now: this.#now,
      onFault: fault => this.#degraded(fault),
      onAside: text => this.#tell({ at: this.#now(), kind: 'telemetry', text, until: null }),
    })
  }

  /** Opens the databases; a disk that refuses leaves the writer degraded, not dead. */
  start(): void {
    this.#disk.use(({ rollup }) => {
      const last = { aliveMs: rollup.state('alive_ms'), clean: rollup.state('clean') === 1 }
      const gap = downtime(last, this.#now(), this.#settings.processStartedMs)
      rollup.setState('clean', 0)
      this.#foldedUntilS = rollup.foldedUntilS
      if (gap !== null) this.#waitingEvents.push(gap)
      layBallast(this.#settings.dataDir, this.#settings.ballastBytes)
    })
    this.#disk.use(databases => this.#writeWaiting(databases))
    this.#post({ type: 'ready' })
  }

  /** Payload of a `records` frame: written at once, all or none. */
  records(json: string): void {
    const written = this.#disk.use(({ events }) => events.write(parseRecords(json), this.#now()))
    if (written) this.#complaint.worked()
    const droppedRows = written ? 0 : countTuples(json)
    this.#post({ type: 'recordsDone', droppedRows })
  }

  /** Payload of a `tally` frame: into memory now, to disk with the next flush. */
  tally(sequence: number, json: string): void {
    const tally = JSON.parse(json) as { atMs: number; cells: TallyCell[] }
    this.#pending.apply(tally.cells, tally.atMs, this.#foldedUntilS)
    this.#sequence = sequence
  }

  event(event: TimelineEvent): void {
    if (this.#waitingEvents.length < MAX_WAITING_EVENTS) this.#waitingEvents.push(event)
    this.#disk.use(databases => this.#writeWaiting(databases))
  }

  /** What is pending goes to disk now, or stays in memory while it cannot. */
  flush(): void {
    const startedMs = this.#now()
    this.#disk.use(databases => this.#writePending(databases))
    // On disk or held here: either way the sender need not keep it.
    this.#post({ type: 'tallied', sequence: this.#sequence })
    this.#nextFlushMs = this.#now() + (this.#now() - startedMs) * FLUSH_REST
  }

  /** Once a second. */
  tick(): void {
    if (this.#disk.retryDue) this.#recover()
    this.#complain()
    if (this.#now() >= this.#nextFlushMs) this.flush()
    this.#disk.use(({ rollup }) => {
      rollup.fold(this.#now())
      this.#foldedUntilS = rollup.foldedUntilS
    })
    if (this.#now() >= this.#nextRetainMs) this.retain()
  }

  /** Applies the limits on age and bytes now. */
  retain(): void {
    this.#nextRetainMs = this.#now() + RETAIN_EVERY_MS
    this.#disk.use(({ events, rollup }) => {
      const plan = planRetention(sizedFiles(this.#eventsDir), events.current, this.#now(), this.#settings)
      for (const name of plan.remove) removeEventFile(this.#eventsDir, name)
      if (plan.rotate) events.rotate(this.#now())
      rollup.retain(this.#now())
      layBallast(this.#settings.dataDir, this.#settings.ballastBytes)
    })
  }

  close(): void {
    this.flush()
    this.#disk.use(({ rollup }) => {
      rollup.setState('alive_ms', this.#now())
      rollup.setState('clean', 1)
    })
    this.#disk.close()
  }

  #writePending(databases: Databases): void {
    databases.rollup.flush(this.#pending, this.#now())
    this.#writeWaiting(databases)
  }

  #writeWaiting({ meta }: Databases): void {
    while (this.#waitingEvents.length > 0) {
      meta.add(this.#waitingEvents[0]!)
      this.#waitingEvents.shift()
    }
  }

  /** An event of the store's own: to the timeline and to whoever watches. */
  #tell(event: TimelineEvent): void {
    this.#waitingEvents.push(event)
    this.#post({ type: 'event', event })
  }

  #degraded(fault: Fault): void {
    this.#reason = fault.reason
    const reason = `Rows are not being stored: ${fault.reason}. Figures stay exact.`
    this.#post({ type: 'degraded', reason })
    if (this.#complaint.fault(this.#now())) this.#say(reason)
  }

  /** A disk that fails, seems well at a retry and fails again is one trouble, and told as one. */
  #complain(): void {
    const { sinceMs, healedMs } = this.#complaint
    const due = this.#complaint.due(this.#now())
    if (due === 'over') {
      this.#complaint.end()
      this.#say(
        `Rows are stored again; they were not: ${this.#reason}. Figures are complete.`,
        sinceMs,
        healedMs,
      )
    } else if (due === 'again') {
      const minutes = Math.round((this.#now() - sinceMs) / 60_000)
      this.#say(`Rows have not been stored for ${minutes} min: ${this.#reason}. Figures stay exact.`)
    }
  }

  /** To whoever watches, and to the log; the timeline on disk has the gap. */
  #say(text: string, at = this.#now(), until: number | null = null): void {
    this.#post({ type: 'event', event: { at, kind: 'telemetry', text, until } })
  }

  #recover(): void {
    const fault = this.#disk.fault!
    if (fault.full) this.#makeRoom()
    const text = `Rows were not stored: ${fault.reason}. Figures are complete.`
    const event: TimelineEvent = { at: fault.sinceMs, kind: 'telemetry', text, until: this.#now() }
    const healed = this.#disk.retry(databases => {
      databases.rollup.setState('clean', 0)
      this.#writePending(databases)
      databases.meta.addGap(event)
      this.#foldedUntilS = databases.rollup.foldedUntilS
    })
    if (!healed) return
    // The ballast is laid again with the next retention: now.
    this.#nextRetainMs = 0
    this.#complaint.healed(this.#now())
    this.#post({ type: 'degraded', reason: '' })
  }

  /** First the ballast; when that was given up already, the oldest event file: the newest rows matter more. */
  #makeRoom(): void {
    if (dropBallast(this.#settings.dataDir)) return
    const files = sizedFiles(this.#eventsDir)
    if (files.length > 1) removeEventFile(this.#eventsDir, files[0]!.name)
  }
}
