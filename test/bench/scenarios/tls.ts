// Small answers over TLS connections that stay open: what the cipher adds.
import { SMALL_BYTES, startNginxBackend } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { wrk } from '../load/wrk.ts'

export const tls = cpuScenario({
  name: 'tls',
  about: 'As `proxied`, over TLS 1.3 on kept-alive connections.',
  startBackend: startNginxBackend,
  backendSees: 'all',
  bodyBytes: SMALL_BYTES,
  load: ({ ports }, load) => wrk({ ...load, url: `https://127.0.0.1:${ports.https}/json` }),
})
