// Whether a port can be listened on, found out by doing it for a moment.
import { createServer } from 'node:net'

/** @returns the real port, or the error's code */
export function tryListen(host: string, port: number): Promise<number | string> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', error => resolve((error as NodeJS.ErrnoException).code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => {
      const bound = server.address()
      server.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : port))
    })
  })
}

const TRIES = 50

/** The first free port from `first` on. @throws Error when none of the next fifty is free */
export async function nextFreePort(
  host: string,
  first: number,
  taken: readonly number[] = [],
): Promise<number> {
  for (let port = first; port < first + TRIES; port++) {
    if (!taken.includes(port) && (await tryListen(host, port)) === port) return port
  }
  throw new Error(`no free port from ${first} to ${first + TRIES - 1}`)
}
