// The http-proxy baseline: what a few lines of the well-known package cost, with keep-alive to the backend.
import path from 'node:path'
import type { Target } from '../target.ts'

export const httpProxy: Target = {
  name: 'http-proxy 1.18.1',
  scenarios: ['proxied'],
  prepare: ({ backendPort }, port) => ({
    command: [
      process.execPath,
      '--no-deprecation',
      path.join(import.meta.dirname, '..', 'baseline.ts'),
      String(port),
      String(backendPort),
    ],
  }),
}
