// Small answers from the cache: what a hit costs.
import { SMALL_BYTES, startNginxBackend } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { wrk } from '../load/wrk.ts'

export const cached = cpuScenario({
  name: 'cached',
  about:
    'As `proxied`, but each answer is a hit in the cache. Caddy has none; nginx keeps its on disk (page cache).',
  bars: [
    { metric: 'workerUs', what: 'worker CPU', of: 'nginx', atMost: 0.9 },
    { metric: 'treeUs', what: 'tree CPU', of: 'nginx', atMost: 1.3 },
  ],
  startBackend: startNginxBackend,
  backendSees: 'none',
  bodyBytes: SMALL_BYTES,
  load: ({ ports }, load) => wrk({ ...load, url: `http://127.0.0.1:${ports.http}/cached` }),
})
