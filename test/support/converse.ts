// A client that sends bytes in pieces, reads replies strictly, and tells how the connection ended.
import { connect } from 'node:net'
import { readReplies, type StrictMessage } from './strict-reader.ts'

export interface Conversation {
  /** latin1, all that came. */
  text: string
  /** Interim ones too. */
  replies: StrictMessage[]
  /** Bytes behind the last whole reply: one that was cut. */
  rest: string
  /** open: the gate still listened. */
  end: 'fin' | 'reset' | 'open'
}

export interface Script {
  /** Each is sent in a turn of its own. */
  pieces: readonly (string | Buffer)[]
  /** So many final replies are enough; else the connection's end decides. */
  finals?: number
  /** The n-th reply answers HEAD. */
  bodiless?: (nth: number) => boolean
  /** Bytes to send when the text so far, and so many whole final replies in it, ask for them. */
  more?: (text: string, finals: number) => string
}

const LIMIT_MS = 10_000

export function converse(port: number, { pieces, finals, bodiless, more }: Script): Promise<Conversation> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    let text = ''
    let sent = 0
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`nothing more came; so far: ${JSON.stringify(text.slice(0, 400))}`))
    }, LIMIT_MS)
    const done = (end: Conversation['end']): void => {
      clearTimeout(timer)
      socket.destroy()
      const { messages, rest, problem } = readReplies(text, end !== 'open', bodiless)
      if (problem !== '') reject(new Error(`${problem}: ${JSON.stringify(rest.slice(0, 200))}`))
      else resolve({ text, replies: messages, rest, end })
    }
    const send = (): void => {
      const piece = pieces[sent++]
      if (piece === undefined || socket.destroyed) return
      socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
      setImmediate(send)
    }
    socket.on('connect', send)
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      if (finals === undefined && more === undefined) return
      const whole = finalsIn(text, bodiless)
      const next = more?.(text, whole) ?? ''
      if (next !== '') socket.write(next, 'latin1')
      if (finals !== undefined && whole >= finals) done('open')
    })
    socket.on('end', () => done('fin'))
    socket.on('error', () => done('reset'))
  })
}

function finalsIn(text: string, bodiless?: (nth: number) => boolean): number {
  return readReplies(text, false, bodiless).messages.filter(({ start }) => Number(start[1]) >= 200).length
}

export const statusesOf = ({ replies }: Conversation): number[] =>
  replies.map(({ start }) => Number(start[1]))
