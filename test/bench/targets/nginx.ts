// nginx as the yardstick: one worker, keep-alive to the backend, its proxy_cache for the cached scenario.
import path from 'node:path'
import { nginxCommand } from '../nginx-config.ts'
import type { Target } from '../target.ts'

export const nginx: Target = {
  name: 'nginx',
  scenarios: ['proxied', 'cached'],
  needs: { program: 'nginx', debian: 'nginx' },
  prepare({ folder, backendPort }, port) {
    const own = path.join(folder, 'nginx')
    const http = `  proxy_cache_path ${own}/cache keys_zone=bench:8m;
  upstream backend { server 127.0.0.1:${backendPort}; keepalive 64; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
    location / { proxy_pass http://backend; }
    location = /cached { proxy_pass http://backend; proxy_cache bench; }
  }`
    return { command: nginxCommand(own, http) }
  },
  isWorker: line => line.includes('nginx: worker process'),
}
