// Helper: a WebSocket server that answers each message with the same; on question it names its port.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { answer } from '../load/answer.ts'
import { clientFrame, HANDSHAKE_GUID, serverFrame } from '../load/echo-frames.ts'

const server = createServer((_request, response) => void response.writeHead(426).end())

server.on('upgrade', (request, socket: Socket) => {
  const key = `${request.headers['sec-websocket-key']}${HANDSHAKE_GUID}`
  const accept = createHash('sha1').update(key).digest('base64')
  socket.setNoDelay(true)
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  let pendingBytes = 0
  socket.on('data', (part: Buffer) => {
    for (pendingBytes += part.length; pendingBytes >= clientFrame.length; pendingBytes -= clientFrame.length)
      socket.write(serverFrame)
  })
  socket.on('error', () => socket.destroy())
})

answer(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
})
