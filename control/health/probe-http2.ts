// Asks an HTTP/2 upstream once whether it is well.
import type { ActiveCheck, Target } from '../../config/schema.ts'
import { nodeHttp2 } from '../../proxy/lib/node-http2.ts'

/** Calls back once, with the status or what went wrong. */
export function probeHttp2(
  target: Target,
  check: ActiveCheck,
  verify: boolean,
  done: (status: number, error: Error | null) => void,
): void {
  const scheme = target.protocol === 'h2' ? 'https' : 'http'
  const host = target.host.includes(':') ? `[${target.host}]` : target.host
  // A probe must tell of new connections too, so it never keeps one.
  const session = nodeHttp2().connect(`${scheme}://${host}:${target.port}`, { rejectUnauthorized: verify })
  const end = (status: number, error: Error | null): void => {
    clearTimeout(timer)
    session.destroy()
    done(status, error)
    done = () => {}
  }
  const late = Object.assign(new Error('too late'), { name: 'TimeoutError' })
  const timer = setTimeout(() => end(0, late), check.timeoutMs)
  session.on('error', error => end(0, error))
  session.on('close', () => end(0, new Error('closed the connection')))
  const stream = session.request({
    ':path': check.path,
    ':authority': target.name,
    'user-agent': 'oriel-health',
  })
  stream.on('response', fields => end(fields[':status'] ?? 0, null))
  // The session tells of what happened to the connection; the stream only that it was cancelled with it.
  stream.on('error', () => {})
  stream.on('close', () => setImmediate(() => end(0, new Error('reset the request'))))
}
