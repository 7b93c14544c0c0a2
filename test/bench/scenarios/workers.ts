// One and two workers: what a second one brings, and what it costs.
import { SMALL_BYTES, startNginxBackend } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { wrk } from '../load/wrk.ts'

export const workers = cpuScenario({
  name: 'workers',
  about:
    'As `proxied`, with one and two workers (HAProxy: threads; Caddy: GOMAXPROCS), all workers summed up. ' +
    'wrk and the backend need processors too: with fewer than four, two workers cannot have one each.',
  setups: [
    { label: '1 worker', workers: 1 },
    { label: '2 workers', workers: 2 },
  ],
  startBackend: startNginxBackend,
  backendSees: 'all',
  bodyBytes: SMALL_BYTES,
  load: ({ ports }, load) => wrk({ ...load, url: `http://127.0.0.1:${ports.http}/json` }),
})
