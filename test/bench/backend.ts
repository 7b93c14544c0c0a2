// The backend of the benchmark: an nginx that answers from memory and counts what reaches it.
import path from 'node:path'
import { type Child, freePort, startChild } from './child.ts'
import { nginxCommand } from './nginx-config.ts'

export interface Backend extends Child {
  port: number
  /** Requests that it has seen so far. */
  requests(): Promise<number>
}

/** About 200 bytes, like a small API answer. */
const body = JSON.stringify({ id: 4711, name: 'Harbour mug', price: 18.5, note: 'x'.repeat(145) })

export async function startBackend(folder: string): Promise<Backend> {
  const port = await freePort()
  const answer = (cacheControl: string) =>
    `default_type application/json; add_header Cache-Control "${cacheControl}"; return 200 '${body}';`
  const command = nginxCommand(
    path.join(folder, 'backend'),
    `  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /json { ${answer('no-store')} }
    location = /cached { ${answer('max-age=3600')} }
    location = /status { stub_status; }
  }`,
  )
  const child = await startChild({ command }, port)
  const requests = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/status`)).text()
    return Number(/^\s*\d+ \d+ (\d+)/m.exec(text)?.[1])
  }
  return { ...child, port, requests }
}
