// Small answers over HTTP/2.
import { SMALL_BYTES, startNginxBackend } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { h2load } from '../load/h2load.ts'

const CONNECTIONS = 10
const STREAMS = 10

export const h2 = cpuScenario({
  name: 'h2',
  about: `HTTP/2 over TLS 1.3 from h2load, ${CONNECTIONS} connections of ${STREAMS} streams, 200 B; to the backend HTTP/1.1.`,
  columns: ['rate', 'meanMs', 'workerUs', 'treeUs'],
  bars: [
    { metric: 'workerUs', what: 'worker CPU', of: 'nginx', atMost: 2.5 },
    { metric: 'treeUs', what: 'tree CPU', of: 'nginx', atMost: 3 },
  ],
  needs: [{ program: 'h2load', debian: 'nghttp2-client' }],
  startBackend: startNginxBackend,
  backendSees: 'all',
  bodyBytes: SMALL_BYTES,
  load: ({ ports }, { seconds }) =>
    h2load({
      url: `https://127.0.0.1:${ports.https}/json`,
      ...{ seconds, connections: CONNECTIONS, streams: STREAMS },
    }),
})
