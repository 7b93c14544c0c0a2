// A whole data plane in the test's own process: real sockets, real stages, no control process.
import { parse } from '../../config/load.ts'
import { build } from '../../proxy/build.ts'
import { Entry } from '../../proxy/entry.ts'
import { Recorder } from '../../proxy/record/recorder.ts'
import { Registry } from '../../proxy/registry.ts'
import { type ListenerName, Listeners } from '../../proxy/wire/listeners.ts'
import type { ServedCertificate } from '../../proxy/wire/tls.ts'
import type { ExchangeRecord } from '../../telemetry/record.ts'

export interface TestGate {
  http: number
  https: number
  entry: Entry
  recorder: Recorder
  /** Records so far; waits until there are `count`. */
  records(count: number): Promise<ExchangeRecord[]>
  reload(yaml: string): void
  /** As on a worker's last day: what is under way ends, nothing new is accepted. */
  drain(graceMs: number): Promise<void>
  close(): Promise<void>
}

function configOf(yaml: string) {
  const outcome = parse(yaml, 'oriel.yaml')
  if (!outcome.ok) throw new Error(outcome.problems.join('\n'))
  return outcome.config
}

/** @param yaml at least `routes`; listeners are added on free ports */
export async function startGate(yaml: string, certificates: ServedCertificate[] = []): Promise<TestGate> {
  const registry = new Registry()
  const recorder = new Recorder({ worker: 0, rowsPerSecond: 1e6, headersPerSecond: 1e6, slowMs: 1000 })
  let generation = 1
  const entry = new Entry(build(configOf(yaml), generation, registry), recorder)
  const listeners = new Listeners(entry)
  listeners.serve(certificates)
  const open = (name: ListenerName) =>
    new Promise<number>((resolve, reject) => {
      listeners.listen(name, { port: 0, host: '127.0.0.1' }, resolve, code => reject(new Error(code)))
    })
  const http = await open('http')
  const https = certificates.length > 0 ? await open('https') : 0
  const seen: ExchangeRecord[] = []
  return {
    http,
    https,
    entry,
    recorder,
    async records(count) {
      const deadline = Date.now() + 5000
      for (;;) {
        seen.push(...recorder.take())
        if (seen.length >= count) return seen
        if (Date.now() > deadline) throw new Error(`${seen.length} records, expected ${count}`)
        await new Promise(resolve => setImmediate(resolve))
      }
    },
    reload(next) {
      entry.swap(build(configOf(next), ++generation, registry))
    },
    drain: graceMs => listeners.drain(graceMs),
    async close() {
      await listeners.drain(0)
      registry.begin()
      registry.sweep()
    },
  }
}
