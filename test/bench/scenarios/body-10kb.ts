// Answers of 10 KB, as of a page or an API list.
import { startNginxBackend, TEN_KB } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { wrk } from '../load/wrk.ts'

export const body10kb = cpuScenario({
  name: '10kb',
  about: 'As `proxied`, 10 KB down.',
  startBackend: startNginxBackend,
  backendSees: 'all',
  bodyBytes: TEN_KB,
  load: ({ ports }, load) => wrk({ ...load, url: `http://127.0.0.1:${ports.http}/files/10kb` }),
})
