// Binding: what is said about a port that cannot be had, and that a bound socket is really ours.
import { createServer, type Server } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { bindListener, refusal } from '../../control/sockets.ts'
import { nextFreePort, tryListen } from '../../control/try-listen.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function occupy(host: string): Promise<number> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, host, resolve))
  return (server.address() as { port: number }).port
}

it.each([1, 2])('says which port and which key is in use (%i workers)', async slots => {
  const port = await occupy('127.0.0.1')
  await expect(bindListener('listen.http', { host: '127.0.0.1', port }, slots)).rejects.toThrow(
    `listen.http: 127.0.0.1:${port} is in use by another program`,
  )
})

it('sees a port in use on every address', async () => {
  const port = await occupy('::')
  await expect(bindListener('listen.https', { host: '', port }, 1)).rejects.toThrow(
    `listen.https: port ${port} is in use by another program`,
  )
})

it('sees the sockets of another Oriel, though those share their port', async () => {
  const first = await bindListener('listen.http', { host: '127.0.0.1', port: 0 }, 2)
  const worker = createServer()
  servers.push(worker)
  await new Promise<void>(resolve => worker.listen(first.handles[0], resolve))
  const address = { host: '127.0.0.1', port: first.address.port }
  await expect(bindListener('listen.http', address, 2)).rejects.toThrow('is in use by another program')
  first.handles[1]?.close()
})

it('resolves port 0 once for all slots', async () => {
  const bound = await bindListener('listen.http', { host: '127.0.0.1', port: 0 }, 3)
  const ports = bound.handles.map(handle => {
    const name: { port?: number } = {}
    handle.getsockname(name)
    handle.close()
    return name.port
  })
  expect(new Set(ports)).toEqual(new Set([bound.address.port]))
})

it('says what else can be wrong', async () => {
  const elsewhere = bindListener('listen.http', { host: '192.0.2.1', port: 8080 }, 1)
  await expect(elsewhere).rejects.toThrow('listen.http: 192.0.2.1 is not an address of this machine')
  expect(refusal('listen.http', { host: '', port: 80 }, 'EACCES').message).toBe(
    'listen.http: port 80 is not allowed for this user; take a port from 1024 up, or grant CAP_NET_BIND_SERVICE',
  )
  expect(refusal('admin', { host: '', port: 80 }, 'EWHAT').message).toBe(
    'admin: port 80 cannot be bound (EWHAT)',
  )
})

it('finds the next free port', async () => {
  const port = await occupy('127.0.0.1')
  expect(await tryListen('127.0.0.1', port)).toBe('EADDRINUSE')
  expect(await nextFreePort('127.0.0.1', port)).toBeGreaterThan(port)
  expect(await nextFreePort('127.0.0.1', port, [port + 1])).toBeGreaterThan(port + 1)
})
