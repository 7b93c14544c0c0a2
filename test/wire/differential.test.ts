// Two parsers that disagree about a request are a way to smuggle one: ours lets nothing pass that Node's refuses.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type TestGate } from '../support/gate.ts'
import { type Random, seeded } from '../support/random.ts'

/** `FUZZ=100000` for a long run; the seed is printed with every difference. */
const CASES = Number(process.env.FUZZ ?? 400)
const SEED = Number(process.env.SEED ?? 1)

let reference: Server
/** What Node's parser made of a connection's bytes, by the client's port. */
const parsed = new Map<number, IncomingMessage[]>()
let gate: TestGate

beforeAll(async () => {
  reference = createServer({ requireHostHeader: true }, (request, response) => {
    const port = request.socket.remotePort!
    parsed.set(port, [...(parsed.get(port) ?? []), request])
    request.on('error', () => {})
    request.resume().on('end', () => response.end('ok'))
  })
  reference.on('connect', (_request, socket) => socket.end('HTTP/1.1 405 No\r\n\r\n'))
  reference.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
  reference.listen(0, '127.0.0.1')
  await once(reference, 'listening')
  gate = await startGate(`routes:\n  '*': 127.0.0.1:${(reference.address() as AddressInfo).port}\n`)
})
afterAll(async () => {
  await gate.close()
  reference.closeAllConnections()
  reference.close()
})

const SEEDS = [
  'GET / HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n',
  'POST /a?b=c HTTP/1.1\r\nHost: x:80\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nhello',
  'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n1;a=b\r\nx\r\n0\r\nT: 1\r\n\r\n',
  'GET http://x/ HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n',
  'HEAD / HTTP/1.0\r\nHost: x\r\n\r\n',
]
const PIECES = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '\0',
  '\x0b',
  '\x7f',
  '\xff',
  '0',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Host: y\r\n',
  'X: y\r\n z\r\n',
  'chunked',
  '+',
  '-',
  '0x',
  'HTTP/1.1',
  'identity, ',
]

function mutate(random: Random): string {
  let text = SEEDS[Math.floor(random() * SEEDS.length)]!
  for (let i = 1 + Math.floor(random() * 3); i > 0; i--) {
    const at = Math.floor(random() * (text.length + 1))
    const kind = random()
    const piece = PIECES[Math.floor(random() * PIECES.length)]!
    if (kind < 0.5) text = text.slice(0, at) + piece + text.slice(at)
    else if (kind < 0.7) text = text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 3))
    else if (kind < 0.9) text = text.slice(0, at) + piece + text.slice(at + piece.length)
    else text = text.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(at + 1)
  }
  return text
}

/** Sends these bytes in these pieces; the connection is given up when nothing more comes. */
function ask(port: number, pieces: Buffer[]): Promise<{ passed: number; localPort: number }> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    let localPort = 0
    let quiet: NodeJS.Timeout
    const done = (): void => {
      clearTimeout(quiet)
      socket.destroy()
      resolve({ passed: passedIn(text), localPort })
    }
    const wait = (): void => {
      clearTimeout(quiet)
      quiet = setTimeout(done, 200)
    }
    socket.setNoDelay(true)
    socket.on('connect', () => {
      localPort = socket.localPort!
    })
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      wait()
    })
    socket.on('end', done)
    socket.on('error', done)
    wait()
    for (const piece of pieces) socket.write(piece)
  })
}

/** How many requests were let in: answers that are no refusals. */
const passedIn = (text: string): number =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].filter(
    ([, status]) => Number(status) >= 200 && Number(status) < 400,
  ).length

/**
 * Where we are laxer, on purpose: a tab behind a field's value is optional white space (RFC 9110 section 5.5). It
 * cannot mislead an upstream, which gets framing of our own writing.
 */
const BLANK_AFTER_CODING = /chunked\t\r\n/

/** How many whole messages Node's parser saw. It refuses a whole buffer for what stands behind them. */
function wholeIn(localPort: number): number {
  const messages = parsed.get(localPort) ?? []
  parsed.delete(localPort)
  return messages.filter(message => message.complete).length
}

test(`${CASES} mutated requests: what Node refuses, the gate refuses`, {
  timeout: 120_000 + CASES * 100,
}, async () => {
  const { port } = reference.address() as AddressInfo
  const random = seeded(SEED)
  const differences: string[] = []
  const one = async (text: string, cut: number): Promise<void> => {
    const bytes = Buffer.from(text, 'latin1')
    const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)]
    const [theirs, ours] = await Promise.all([ask(port, pieces), ask(gate.http, pieces)])
    const whole = wholeIn(theirs.localPort)
    if (ours.passed > whole && !BLANK_AFTER_CODING.test(text)) {
      differences.push(`${JSON.stringify(text)} cut ${cut}: Node ${whole}, the gate ${ours.passed}`)
    }
  }
  for (let i = 0; i < CASES; i += 40) {
    const batch = Array.from({ length: Math.min(40, CASES - i) }, () => {
      const text = mutate(random)
      return [text, Math.floor(random() * text.length)] as const
    })
    await Promise.all(batch.map(([text, cut]) => one(text, cut)))
  }
  expect(differences).toEqual([])
})
