// Helper: opens kept-alive connections up to a number, asks once on each, and leaves them idle.
import { connect, type Socket } from 'node:net'
import { answer } from './answer.ts'

interface Question {
  port: number
  /** How many are to be open in all. */
  connections: number
  path: string
  bodyBytes: number
}

/** Opened at once: below every listener's backlog. */
const AT_ONCE = 50
/** Connections per source address, well below the ports that one address has. */
const PER_ADDRESS = 2500

const idle: Socket[] = []
let closed = 0

/** Resolves when the whole answer is there. */
function openOne({ port, path, bodyBytes }: Question, index: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const localAddress = `127.0.0.${2 + Math.floor(index / PER_ADDRESS)}`
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    let received = ''
    socket.setEncoding('latin1')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    socket.on('data', part => {
      received += part
      const head = received.indexOf('\r\n\r\n')
      if (head === -1 || received.length < head + 4 + bodyBytes) return
      if (received.startsWith('HTTP/1.1 200')) resolve(socket)
      else reject(new Error(`answered ${received.slice(0, 100)}`))
    })
    socket.on('error', reject)
    socket.once('close', () => {
      closed += 1
      reject(new Error(`connection ${index} was closed`))
    })
  })
}

/** @returns how many of all were closed by the server */
answer(async (question: Question): Promise<number> => {
  let next = idle.length
  const opener = async () => {
    while (next < question.connections) idle.push(await openOne(question, next++))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, opener))
  return closed
})
