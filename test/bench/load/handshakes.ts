// Helper: a new TLS 1.3 connection without resumption for each request, some at a time.
import { connect } from 'node:tls'
import { answer } from './answer.ts'
import type { LoadResult } from './load-result.ts'

interface Question {
  port: number
  seconds: number
  connections: number
  path: string
  bodyBytes: number
  cipher: string
  curve: string
}

/** Resolves with the bytes received; rejects when that is not one whole 200 answer on a new session. */
function once({ port, path, bodyBytes, cipher, curve }: Question): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...{ host: '127.0.0.1', port, rejectUnauthorized: false, ciphers: cipher, ecdhCurve: curve },
      ...{ minVersion: 'TLSv1.3', ALPNProtocols: ['http/1.1'] },
    })
    let received = ''
    socket.setEncoding('latin1')
    socket.once('secureConnect', () => {
      if (socket.isSessionReused()) reject(new Error('the session was resumed'))
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
    })
    socket.on('data', part => (received += part))
    socket.on('error', reject)
    socket.once('close', () => {
      const body = received.length - received.indexOf('\r\n\r\n') - 4
      if (received.startsWith('HTTP/1.1 200') && body === bodyBytes) resolve(received.length)
      else reject(new Error(`a wrong answer: ${received.slice(0, 100)}`))
    })
    socket.setTimeout(5000, () => socket.destroy(new Error('timeout')))
  })
}

answer(async (question: Question): Promise<LoadResult> => {
  const times: number[] = []
  let errors = 0
  let bytes = 0
  const startedMs = performance.now()
  const endMs = startedMs + question.seconds * 1000
  const client = async () => {
    while (performance.now() < endMs) {
      const beganMs = performance.now()
      await once(question).then(
        count => {
          bytes += count
          times.push(performance.now() - beganMs)
        },
        () => (errors += 1),
      )
    }
  }
  await Promise.all(Array.from({ length: question.connections }, client))
  const seconds = (performance.now() - startedMs) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
  return { operations: times.length, seconds, errors, bytes, p50Ms: at(0.5), p99Ms: at(0.99) }
})
