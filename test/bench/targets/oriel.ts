// Oriel with everything on: limiter, cache, compression, records, telemetry and dashboard.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Target } from '../target.ts'

export const oriel: Target = {
  name: 'Oriel',
  takesPart: () => true,
  prepare({ folder, ports, backendPort, certificate, workers, accessLog }) {
    const file = path.join(folder, 'oriel.yaml')
    // Port 0 leaves the choice of the admin port to the system.
    writeFileSync(
      file,
      `listen:
  http: 127.0.0.1:${ports.http}
  https: 127.0.0.1:${ports.https}
admin: 127.0.0.1:0
data: ${path.join(folder, 'data')}
workers: ${workers}
accessLog: ${accessLog}
client: { keepAliveRequests: 1000000 }
certificates:
  - { certificate: ${certificate.certificate}, key: ${certificate.key} }
routes:
  '*':
    to: [127.0.0.1:${backendPort}]
    cache: true
    limit: { rate: 1000000/s, burst: 1000000 }
    guard: { maxBody: 2gb }
`,
    )
    const bin = path.join(import.meta.dirname, '../../../control/bin.cjs')
    return { command: [process.execPath, bin, 'run', file], env: { NODE_ENV: 'production' } }
  },
  isWorker: line => line.includes(`proxy${path.sep}worker`),
}
