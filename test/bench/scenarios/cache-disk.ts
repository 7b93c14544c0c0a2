// Answers that are on disk and not in memory: what promotion costs.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { startNginxBackend, TWO_KB } from '../backends/nginx.ts'
import { cpuScenario } from '../cpu-scenario.ts'
import { wrk } from '../load/wrk.ts'

/** More than 64 MB of memory hold: asked for in a circle, each is gone from there when its turn comes. */
const KEYS = 24_000

export const cacheDisk = cpuScenario({
  name: 'cache-disk',
  about: `2 KB under ${KEYS / 1000},000 keys in turn: memory holds too few of them, so each comes from disk.`,
  startBackend: startNginxBackend,
  backendSees: 'none',
  bodyBytes: TWO_KB,
  load({ ports, folder }, load) {
    const script = path.join(folder, 'disk.lua')
    writeFileSync(
      script,
      `local n = 0\nrequest = function()\n  n = (n + 1) % ${KEYS}\n  return wrk.format("GET", "/kept/2kb?" .. n)\nend\n`,
    )
    return wrk({ ...load, script, url: `http://127.0.0.1:${ports.http}/` })
  },
})
