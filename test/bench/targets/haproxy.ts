// HAProxy with one thread, connections to the backend shared between clients.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Target } from '../target.ts'

export const haproxy: Target = {
  name: 'HAProxy',
  scenarios: ['proxied'],
  needs: { program: 'haproxy', debian: 'haproxy' },
  prepare({ folder, backendPort }, port) {
    const file = path.join(folder, 'haproxy.cfg')
    writeFileSync(
      file,
      `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  option http-keep-alive
  option forwardfor
  http-reuse always
  timeout connect 3s
  timeout client 60s
  timeout server 60s
frontend gate
  bind 127.0.0.1:${port}
  default_backend app
backend app
  server one 127.0.0.1:${backendPort}
`,
    )
    return { command: ['haproxy', '-db', '-f', file] }
  },
}
