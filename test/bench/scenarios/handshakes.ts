// A new TLS connection for each request: what a handshake costs.
import { SMALL_BYTES, startNginxBackend } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { askOnce } from '../load/helper.ts'
import type { LoadResult } from '../load/load-result.ts'
import { TLS } from '../load/run-tool.ts'

export const handshakes = cpuScenario({
  name: 'handshakes',
  about:
    'A new TLS 1.3 connection for each request, never resumed (wrk would resume, so the client is our own and ' +
    'refuses it). The client costs more than the servers: the rate is its limit, CPU is the figure.',
  unit: 'connection',
  needs: [],
  startBackend: startNginxBackend,
  backendSees: 'all',
  bodyBytes: SMALL_BYTES,
  load: ({ ports }, { seconds }) =>
    askOnce<LoadResult>('load/handshakes.ts', {
      ...{ port: ports.https, path: '/json', bodyBytes: SMALL_BYTES, seconds, connections: 16 },
      ...TLS,
    }),
})
