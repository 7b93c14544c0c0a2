// A client that sends exactly the bytes it is told, and reads until the other side is done.
import { connect } from 'node:net'

export interface RawAnswer {
  /** latin1 text of all that came. */
  text: string
  /** Status of each response head in order. */
  statuses: number[]
  /** The gate closed the connection. */
  closed: boolean
}

/**
 * Sends `bytes` and reads until the connection ends, or until `until` is satisfied by the text so far.
 * @param until default: never, the connection's end decides
 * @param answer bytes to send when the text so far asks for them
 */
export function rawRequest(
  port: number,
  bytes: string | Buffer | (string | Buffer)[],
  until: (text: string) => boolean = () => false,
  answer: (text: string) => string = () => '',
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no end of the answer in time; so far: ${JSON.stringify(text.slice(0, 400))}`))
    }, 10_000)
    const done = (closed: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ text, closed, statuses: statusesOf(text) })
    }
    socket.on('connect', () => {
      for (const part of Array.isArray(bytes) ? bytes : [bytes]) {
        socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part)
      }
    })
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      const more = answer(text)
      if (more !== '') socket.write(more, 'latin1')
      if (until(text)) done(false)
    })
    socket.on('end', () => done(true))
    socket.on('error', () => done(true))
  })
}

function statusesOf(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(match => Number(match[1]))
}
