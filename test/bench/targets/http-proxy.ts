// The http-proxy baseline: what a few lines of the well-known package cost, with keep-alive to the backend.
import path from 'node:path'
import type { Target } from '../target.ts'

export const httpProxy: Target = {
  name: 'http-proxy 1.18.1',
  takesPart: scenario => scenario === 'proxied',
  prepare: ({ ports, backendPort }) => ({
    command: [
      process.execPath,
      '--no-deprecation',
      path.join(import.meta.dirname, 'http-proxy-server.ts'),
      String(ports.http),
      String(backendPort),
    ],
  }),
}
