// A backend that keeps every byte it gets, reads them strictly, and answers what is a whole request.
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { readRequests, type StrictMessage, type StrictReading } from './strict-reader.ts'

export interface RecordingUpstream {
  port: number
  /** latin1, all that came on each connection, in the order of their beginning. */
  readonly streams: string[]
  /** Whole requests since the last call, over all connections, in the order of their end. */
  taken(): StrictMessage[]
  /** Every stream, read from its beginning. */
  readings(): StrictReading[]
  close(): Promise<void>
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** @param answer bytes for each whole request; '' says nothing */
export async function startRecordingUpstream(
  answer: (request: StrictMessage, socket: Socket) => string = () => OK,
): Promise<RecordingUpstream> {
  const streams: string[] = []
  const open = new Set<Socket>()
  let whole: StrictMessage[] = []
  const server = createServer(socket => {
    const index = streams.push('') - 1
    let answered = 0
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => {})
    socket.on('data', chunk => {
      streams[index] += chunk.toString('latin1')
      const { messages } = readRequests(streams[index]!)
      for (; answered < messages.length; answered++) {
        whole.push(messages[answered]!)
        socket.write(answer(messages[answered]!, socket), 'latin1')
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    streams,
    taken() {
      const taken = whole
      whole = []
      return taken
    },
    readings: () => streams.map(stream => readRequests(stream)),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

/** `POST /path body`, as the tables write a request. */
export function inShort({ start: [method, target], body }: StrictMessage): string {
  return body === '' ? `${method} ${target}` : `${method} ${target} ${body}`
}
