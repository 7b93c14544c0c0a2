// Answers that nobody has asked for before: what a miss costs that is stored in memory and on disk.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { startNginxBackend, TWO_KB } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { wrk } from '../load/wrk.ts'

export const cacheFill = cpuScenario({
  name: 'cache-fill',
  about: '2 KB, each under a key of its own: fetched, sent, stored in memory and on disk.',
  startBackend: startNginxBackend,
  backendSees: 'all',
  bodyBytes: TWO_KB,
  load({ ports, folder }, load) {
    const script = path.join(folder, 'fill.lua')
    // Each run has keys that no other has.
    const from = `${process.pid}-${Date.now()}`
    writeFileSync(
      script,
      `local n = 0\nrequest = function()\n  n = n + 1\n  return wrk.format("GET", "/kept/2kb?${from}-" .. n)\nend\n`,
    )
    return wrk({ ...load, script, url: `http://127.0.0.1:${ports.http}/` })
  },
})
