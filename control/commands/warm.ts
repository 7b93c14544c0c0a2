// oriel warm: loads what a start loads, so that the compile cache has it; set-up runs it once.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Query } from '../../telemetry/query/query.ts'
import { Store } from '../../telemetry/store/store.ts'

export const help = `usage: oriel warm

Loads what a start loads, so that the next one is quick. Set-up runs it once.
`

export async function run(): Promise<number> {
  await Promise.all([
    import('./run.ts'),
    import('./check.ts'),
    import('./explain.ts'),
    import('./front.ts'),
    import('./demo-or.ts'),
    import('./demo.ts'),
    import('./link.ts'),
    import('./purge.ts'),
    import('./reload.ts'),
    import('../telemetry.ts'),
    import('../admin/server.ts'),
    import('../admin-services.ts'),
    import('../explain-once.ts'),
    import('../health/probe.ts'),
    import('../certificate-process.ts'),
    import('../../telemetry/metrics/prometheus.ts'),
    // Outside a cluster a worker only waits for messages.
    import('../../proxy/worker.ts'),
    threads(),
  ])
  return 0
}

/** Threads have their own entry files. */
async function threads(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'oriel-warm-'))
  const store = Store.open({ dataDir, ballastBytes: 0 })
  await store.ready
  const query = new Query({ dataDir })
  await query.ask('stored', {})
  await Promise.all([store.close(), query.close()])
  rmSync(dataDir, { recursive: true, force: true })
}
