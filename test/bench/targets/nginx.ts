// nginx as the yardstick: keep-alive to the backend, nothing spooled to disk, proxy_cache for the cached path.
import { nginxCommand } from '../nginx-config.ts'
import type { Target } from '../target.ts'

export const nginx: Target = {
  name: 'nginx',
  needs: { program: 'nginx', debian: 'nginx' },
  takesPart: scenario => !scenario.startsWith('cache-'),
  prepare({ folder, ports, backendPort, certificate, workers, accessLog }) {
    const http = `  proxy_cache_path ${folder}/cache keys_zone=bench:8m;
  upstream backend { server 127.0.0.1:${backendPort}; keepalive 64; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${ports.http} backlog=4096;
    listen 127.0.0.1:${ports.https} ssl http2 backlog=4096;
    ssl_certificate ${certificate.certificate};
    ssl_certificate_key ${certificate.key};
    ssl_protocols TLSv1.3;
    client_max_body_size 0;
    proxy_request_buffering off;
    proxy_max_temp_file_size 0;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
    location / { proxy_pass http://backend; }
    location = /cached { proxy_pass http://backend; proxy_cache bench; }
    location = /echo {
      proxy_pass http://backend;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
    }
  }`
    return { command: nginxCommand(folder, http, { workers, accessLog }) }
  },
  isWorker: line => line.includes('nginx: worker process'),
}
