// The demo shop's chat room: one room per backend process, every message to everyone in it.
import type { Server } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'

const maxGuests = 200
const maxTextLength = 280

export interface Chat {
  close(): void
}

function readText(data: Buffer): string | undefined {
  try {
    const value: unknown = JSON.parse(data.toString())
    if (typeof value !== 'object' || value === null || !('text' in value)) return undefined
    return typeof value.text === 'string' && value.text ? value.text.slice(0, maxTextLength) : undefined
  } catch {
    return undefined
  }
}

/** Joins the server's upgrades at /chat; any other upgrade is refused. */
export function openChat(server: Server, room: string): Chat {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 4096 })
  let guests = 0
  const say = (from: string, text: string) => {
    const message = JSON.stringify({ from, text })
    for (const client of sockets.clients) if (client.readyState === WebSocket.OPEN) client.send(message)
  }
  sockets.on('connection', socket => {
    const name = `guest ${++guests}`
    socket.on('message', data => {
      const text = readText(data as Buffer)
      if (text === undefined) socket.close(1003, 'expected {"text":"..."}')
      else say(name, text)
    })
    socket.on('error', () => socket.terminate())
    socket.send(JSON.stringify({ from: 'shop', text: `Welcome to room ${room}, ${name}.` }))
  })
  server.on('upgrade', (req, socket, head) => {
    if (req.url?.split('?')[0] === '/chat' && sockets.clients.size < maxGuests) {
      sockets.handleUpgrade(req, socket, head, client => sockets.emit('connection', client, req))
    } else {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    }
  })
  return {
    close() {
      for (const client of sockets.clients) client.close(1001, 'the shop closes')
      sockets.close()
    },
  }
}
