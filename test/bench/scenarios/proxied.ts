// Small answers through the proxy: what a request costs.
import { SMALL_BYTES, startNginxBackend } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { wrk } from '../load/wrk.ts'

export const proxied = cpuScenario({
  name: 'proxied',
  about: 'HTTP/1.1 on kept-alive connections, 200 B of JSON from the backend.',
  bars: [
    { metric: 'workerUs', what: 'worker CPU', of: 'nginx', atMost: 1.5 },
    { metric: 'treeUs', what: 'tree CPU', of: 'nginx', atMost: 1.9 },
    { metric: 'treeUs', what: 'tree CPU', of: 'Caddy', atMost: 0.5 },
  ],
  startBackend: startNginxBackend,
  backendSees: 'all',
  bodyBytes: SMALL_BYTES,
  load: ({ ports }, load) => wrk({ ...load, url: `http://127.0.0.1:${ports.http}/json` }),
})
