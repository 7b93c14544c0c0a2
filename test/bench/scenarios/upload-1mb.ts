// Requests with a body of 1 MB.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { ONE_MB, SMALL_BYTES, startNginxBackend } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { wrk } from '../load/wrk.ts'

export const upload1mb = cpuScenario({
  name: '1mb-up',
  about: 'POST of 1 MB up; the backend reads all of it and answers 200 B.',
  startBackend: startNginxBackend,
  backendSees: 'all',
  bodyBytes: SMALL_BYTES,
  load({ ports, folder }, load) {
    const script = path.join(folder, 'upload.lua')
    writeFileSync(script, `wrk.method = "POST"\nwrk.body = string.rep("oriel   ", ${ONE_MB / 8})\n`)
    return wrk({ ...load, script, url: `http://127.0.0.1:${ports.http}/upload` })
  },
})
