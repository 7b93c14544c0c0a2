// Helper: gives a big body as fast as it is taken (GET), takes one slowly (POST); on question it names its port.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer } from '../load/answer.ts'
import { readSlowly, SLOW } from '../load/pace.ts'
import { streamOut } from '../load/stream-out.ts'

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    readSlowly(request, SLOW).then(
      bytes => response.end(String(bytes)),
      () => response.destroy(),
    )
    return
  }
  // ?bytes=N
  const bytes = Number(new URL(request.url!, 'http://backend').searchParams.get('bytes'))
  response.writeHead(200, {
    'content-length': bytes,
    'content-type': 'image/png',
    'cache-control': 'no-store',
  })
  streamOut(response, bytes).catch(() => response.destroy())
})

answer(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
})
