// Helper: one big body, down to a slow reader or up from a fast client; answers with the bytes that arrived.
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { answer } from './answer.ts'
import { readSlowly, SLOW } from './pace.ts'
import { streamOut } from './stream-out.ts'

interface Question {
  port: number
  direction: 'down' | 'up'
  bytes: number
}

async function replyTo(sent: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`)
  return response
}

async function down(port: number, bytes: number): Promise<number> {
  const sent = request({ host: '127.0.0.1', port, path: `/big?bytes=${bytes}`, agent: false })
  sent.end()
  return readSlowly(await replyTo(sent), SLOW)
}

async function up(port: number, bytes: number): Promise<number> {
  const headers = { 'content-length': bytes }
  const sent = request({ host: '127.0.0.1', port, path: '/big', method: 'POST', agent: false, headers })
  const [response] = await Promise.all([replyTo(sent), streamOut(sent, bytes)])
  let text = ''
  for await (const part of response) text += part
  return Number(text)
}

answer(({ port, direction, bytes }: Question) => (direction === 'down' ? down(port, bytes) : up(port, bytes)))
