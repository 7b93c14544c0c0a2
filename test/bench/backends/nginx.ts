// The backend of most scenarios: an nginx that answers from memory or with files and counts what reaches it.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { freePort, startChild } from '../child.ts'
import { nginxCommand } from '../nginx-config.ts'
import type { Backend } from '../scenario.ts'

export const SMALL_BYTES = 200
export const TWO_KB = 2 * 1024
export const TEN_KB = 10 * 1024
export const ONE_MB = 1024 * 1024

/** Like a small API answer. */
function smallBody(): string {
  const frame = { id: 4711, name: 'Harbour mug', price: 18.5, note: '' }
  return JSON.stringify({ ...frame, note: 'x'.repeat(SMALL_BYTES - JSON.stringify(frame).length) })
}

/** `/upload` reads the whole request body before it answers: it asks itself for the answer, without the body. */
function server(folder: string, port: number): string {
  const answer = (cacheControl: string) =>
    `default_type application/json; add_header Cache-Control "${cacheControl}"; return 200 '${smallBody()}';`
  return `  sendfile on;
  tcp_nopush on;
  open_file_cache max=10;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /json { ${answer('no-store')} }
    location = /cached { ${answer('max-age=3600')} }
    location /files/ { root ${folder}; default_type image/png; add_header Cache-Control no-store; }
    location /kept/ { root ${folder}; default_type application/json; add_header Cache-Control max-age=3600; }
    location = /upload {
      client_max_body_size 0;
      client_body_buffer_size 2m;
      proxy_method GET;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_pass http://127.0.0.1:${port}/json;
    }
    location = /status { stub_status; }
  }`
}

export async function startNginxBackend(folder: string): Promise<Backend> {
  const own = path.join(folder, 'backend')
  mkdirSync(path.join(own, 'files'), { recursive: true })
  mkdirSync(path.join(own, 'kept'), { recursive: true })
  writeFileSync(path.join(own, 'kept', '2kb'), Buffer.alloc(TWO_KB, 'oriel '))
  writeFileSync(path.join(own, 'files', '10kb'), Buffer.alloc(TEN_KB, 'oriel '))
  writeFileSync(path.join(own, 'files', '1mb'), Buffer.alloc(ONE_MB, 'oriel '))
  const port = await freePort()
  const command = nginxCommand(own, server(own, port))
  const child = await startChild({ command }, [port], path.join(own, 'output'))
  const requests = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/status`)).text()
    return Number(/^\s*\d+ \d+ (\d+)/m.exec(text)?.[1])
  }
  return { port, stop: child.stop, requests }
}
