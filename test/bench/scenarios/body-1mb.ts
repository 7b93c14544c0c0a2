// Answers of 1 MB: what the bytes cost.
import { ONE_MB, startNginxBackend } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { wrk } from '../load/wrk.ts'

export const body1mb = cpuScenario({
  name: '1mb',
  about: 'As `proxied`, 1 MB down.',
  bars: [{ metric: 'workerUs', what: 'worker CPU', of: 'nginx', atMost: 1.5 }],
  startBackend: startNginxBackend,
  backendSees: 'all',
  bodyBytes: ONE_MB,
  load: ({ ports }, load) => wrk({ ...load, url: `http://127.0.0.1:${ports.http}/files/1mb` }),
})
