// Answers that the cache has and must ask about: what a revalidated hit costs.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { startNginxBackend, TWO_KB } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { wrk } from '../load/wrk.ts'

export const cacheRevalidated = cpuScenario({
  name: 'cache-304',
  about: '2 KB from the cache, but each request asks for a confirmation: the backend answers 304.',
  startBackend: startNginxBackend,
  backendSees: 'all',
  bodyBytes: TWO_KB,
  load({ ports, folder }, load) {
    const script = path.join(folder, 'revalidate.lua')
    writeFileSync(script, 'wrk.headers["cache-control"] = "no-cache"\n')
    return wrk({ ...load, script, url: `http://127.0.0.1:${ports.http}/kept/2kb` })
  },
})
