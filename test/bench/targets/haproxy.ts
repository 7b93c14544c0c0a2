// HAProxy, one thread per worker: connections to the backend shared between clients, its small cache for hits.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { MAX_CONNECTIONS, type Target } from '../target.ts'

export const haproxy: Target = {
  name: 'HAProxy',
  needs: { program: 'haproxy', debian: 'haproxy' },
  takesPart: scenario => !scenario.startsWith('cache-'),
  prepare({ folder, ports, backendPort, certificate, workers, accessLog }) {
    const file = path.join(folder, 'haproxy.cfg')
    writeFileSync(
      file,
      `global
  nbthread ${workers}
  maxconn ${MAX_CONNECTIONS}
  no strict-limits
${accessLog ? '  log stdout format raw local0' : ''}
defaults
  mode http
${accessLog ? '  log global\n  option httplog' : ''}
  option http-keep-alive
  option forwardfor
  http-reuse always
  timeout connect 3s
  timeout client 75s
  timeout server 60s
  timeout tunnel 1h
cache bench
  total-max-size 8
  max-object-size 100000
  max-age 3600
frontend gate
  bind 127.0.0.1:${ports.http} backlog 4096
  bind 127.0.0.1:${ports.https} backlog 4096 ssl crt ${certificate.both} ssl-min-ver TLSv1.3 alpn h2,http/1.1
  default_backend app
backend app
  acl cached path /cached
  http-request cache-use bench if cached
  http-response cache-store bench
  server one 127.0.0.1:${backendPort}
`,
    )
    return { command: ['haproxy', '-db', '-f', file] }
  },
}
