// Opens the telemetry side: counters and the live view in memory, the store and the query threads.
import type { Config } from '../config/schema.ts'
import type { FrameKind } from '../telemetry/frame.ts'
import { Ingest } from '../telemetry/ingest/ingest.ts'
import { Live } from '../telemetry/ingest/live.ts'
import { Counters } from '../telemetry/metrics/counters.ts'
import { Query } from '../telemetry/query/query.ts'
import { Store } from '../telemetry/store/store.ts'
import { accessLog } from './access-log.ts'
import type { Log } from './log.ts'
import { RejectLog } from './reject-log.ts'
import { UpstreamEvents } from './upstream-events.ts'

const DAY_MS = 86_400_000
const UPSTREAMS_MS = 1000

export interface Telemetry {
  counters: Counters
  live: Live
  store: Store
  query: Query
  ingest: Ingest
  frame(worker: number, kind: FrameKind, json: string): void
  close(deadlineMs: number): Promise<void>
}

/** @param logsAccess asked at every frame: a reload changes it */
export function openTelemetry({ data, telemetry }: Config, logsAccess: () => boolean, log: Log): Telemetry {
  const store = Store.open({
    dataDir: data,
    maxAgeDays: telemetry.retentionMs / DAY_MS,
    maxBytes: telemetry.retentionBytes,
  })
  store.onEvent(event => log.warn(event.text))
  const counters = new Counters()
  const live = new Live()
  const query = new Query({ dataDir: data })
  const ingest = new Ingest({ counters, live, store })
  const changes = new UpstreamEvents()
  const rejects = new RejectLog(log)
  const timer = setInterval(() => {
    for (const event of changes.changes(counters.upstreams(), Date.now())) {
      log.info(event.text)
      ingest.event(event)
    }
  }, UPSTREAMS_MS).unref()
  return {
    counters,
    live,
    store,
    query,
    ingest,
    frame(worker, kind, json) {
      ingest.frame(worker, kind, json)
      if (kind === 'rejects') rejects.frame(json, Date.now())
      else if (kind === 'records' && logsAccess()) accessLog(json)
    },
    async close(deadlineMs) {
      clearInterval(timer)
      live.close()
      await Promise.all([store.close(deadlineMs), query.close()])
    },
  }
}
