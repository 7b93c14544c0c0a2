// Chromium opens its WebSockets on the HTTP/2 connection it has (RFC 8441): a chat behind Oriel must live there.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { launchBrowser } from '../support/browser.ts'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'

let backend: Server
let chat: WebSocketServer
let gate: TestGate
let browser: Browser
let page: Page

beforeAll(async () => {
  backend = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>chat</title><link rel=icon href="data:,">')
  }).listen(0, '127.0.0.1')
  await once(backend, 'listening')
  chat = new WebSocketServer({ server: backend, path: '/chat' })
  chat.on('connection', socket => {
    socket.on('message', (data, binary) => {
      if (String(data) === 'leave') socket.close(4001, 'as asked')
      else socket.send(data, { binary })
    })
  })
  const { port } = backend.address() as AddressInfo
  gate = await startGate(`routes:\n  localhost: 127.0.0.1:${port}\n`, [await makeCertificate(['localhost'])])
  browser = await launchBrowser()
  page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage()
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await gate?.close()
  for (const socket of chat?.clients ?? []) socket.terminate()
  backend?.close()
})

test('messages both ways, a large one whole, and the close with its code', async () => {
  const document = await page.goto(`https://localhost:${gate.https}/`)
  expect(document!.status()).toBe(200)
  const heard = await page.evaluate(
    port =>
      new Promise<unknown[]>(resolve => {
        const all: unknown[] = []
        const socket = new WebSocket(`wss://localhost:${port}/chat`)
        socket.binaryType = 'arraybuffer'
        socket.onopen = () => socket.send('good morning')
        socket.onmessage = ({ data }) => {
          all.push(typeof data === 'string' ? data : (data as ArrayBuffer).byteLength)
          if (all.length === 1) socket.send(new Uint8Array(300_000))
          else socket.send('leave')
        }
        socket.onclose = ({ code, reason, wasClean }) => resolve([...all, code, reason, wasClean])
      }),
    gate.https,
  )
  expect(heard).toEqual(['good morning', 300_000, 4001, 'as asked', true])
  const records = await gate.records(2)
  const tunnel = records.find(({ path }) => path === '/chat')!
  // Both on the one connection that the browser opened: no second handshake.
  const first = records.find(({ path }) => path === '/')!
  expect(tunnel).toMatchObject({ protocol: '2', status: 101, error: '', connection: first.connection })
})
