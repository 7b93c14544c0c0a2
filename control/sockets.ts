// Binds the listeners: the control process owns the sockets, so a worker can die without a refused connection.
import net from 'node:net'
import { getSystemErrorName } from 'node:util'
import type { ListenAddress } from '../config/schema.ts'
import { Fault } from './fault.ts'
import { tryListen } from './try-listen.ts'

/**
 * A bound TCP socket that this process never listens or accepts on. A worker listens on its copy; as
 * this descriptor stays open, the socket stays in LISTEN while the worker is replaced, and connections
 * wait in its backlog. (node:cluster's own sharing closes the socket with its last worker.)
 */
export interface BoundHandle {
  getsockname(out: { port?: number }): number
  close(): void
}

export interface BoundListener {
  /** With the real port where 0 was asked for. */
  address: ListenAddress
  /** One for each worker slot. */
  handles: BoundHandle[]
}

type CreateHandle = (host: string, port: number, family: 4 | 6, fd: -1, flags: number) => BoundHandle | number
const { _createServerHandle: createHandle } = net as unknown as { _createServerHandle: CreateHandle }

/** UV_TCP_REUSEPORT: each slot has its own accept queue and the kernel spreads connections over them. */
const REUSE_PORT = 2

/**
 * @param key the configuration's key, for the message
 * @throws Fault when the address cannot be had
 */
export async function bindListener(
  key: string,
  address: ListenAddress,
  slots: number,
): Promise<BoundListener> {
  const probed = await probe(key, address)
  const handles: BoundHandle[] = []
  try {
    for (let slot = 0; slot < slots; slot++) handles.push(bind(probed.host, probed.port, slots > 1))
  } catch (error) {
    for (const handle of handles) handle.close()
    throw refusal(key, address, (error as NodeJS.ErrnoException).code ?? String(error))
  }
  return { address: { host: address.host, port: probed.port }, handles }
}

/** An ordinary listen tells at once what a bind may tell late, and which port 0 stands for. */
async function probe(key: string, address: ListenAddress): Promise<ListenAddress> {
  const hosts = address.host === '' ? ['::', '0.0.0.0'] : [address.host]
  let code = ''
  for (const host of hosts) {
    const result = await tryListen(host, address.port)
    if (typeof result === 'number') return { host, port: result }
    code = result
    // Only a machine without IPv6 falls back to IPv4 alone.
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') break
  }
  throw refusal(key, address, code)
}

function bind(host: string, port: number, shared: boolean): BoundHandle {
  const handle = createHandle(host, port, host.includes(':') ? 6 : 4, -1, shared ? REUSE_PORT : 0)
  if (typeof handle === 'number') throw Object.assign(new Error('bind'), { code: getSystemErrorName(handle) })
  const name: { port?: number } = {}
  const status = handle.getsockname(name)
  if (status === 0 && name.port === port) return handle
  handle.close()
  throw Object.assign(new Error('bind'), { code: status === 0 ? 'EADDRINUSE' : getSystemErrorName(status) })
}

/** The sentence for a port that cannot be had. */
export function refusal(key: string, { host, port }: ListenAddress, code: string): Fault {
  const where = host === '' ? `port ${port}` : `${host}:${port}`
  if (code === 'EADDRINUSE') return new Fault(`${key}: ${where} is in use by another program`)
  if (code === 'EACCES') {
    return new Fault(
      `${key}: ${where} is not allowed for this user; take a port from 1024 up, or grant CAP_NET_BIND_SERVICE`,
    )
  }
  if (code === 'EADDRNOTAVAIL') return new Fault(`${key}: ${host} is not an address of this machine`)
  return new Fault(`${key}: ${where} cannot be bound (${code})`)
}
