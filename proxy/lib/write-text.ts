// A whole message onto a socket in one system call, past the stream's bookkeeping where that has nothing to do.
import type { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'

/** What a plain socket stands on. Node does not document it: where it is not as expected, the stream is used. */
interface Handle {
  /** @returns 0 or a negative error number */
  writeLatin1String(request: object, text: string): number
}

interface StreamBinding {
  WriteWrap: new () => { oncomplete?: (status: number) => void }
  /** What the last write said of itself, by these places. */
  streamBaseState: Int32Array
  kLastWriteWasAsync: number
}

const binding = ((): StreamBinding | null => {
  try {
    const found = (process as unknown as { binding(name: string): StreamBinding }).binding('stream_wrap')
    const usable = typeof found.WriteWrap === 'function' && found.streamBaseState instanceof Int32Array
    return usable && typeof found.kLastWriteWasAsync === 'number' ? found : null
  } catch {
    return null
  }
})()

/** Used up only by a write that must wait: most never do. */
let request = binding === null ? null : new binding.WriteWrap()

/**
 * @param plain the socket is a TCP connection's own, not one that encrypts
 * @param text latin1
 * @returns true: the kernel took all of it; false: some of it waits, or the socket is broken.
 * `socket.write('', done)` tells when it has left, or that it never will.
 */
export function writeText(socket: Socket, plain: boolean, text: string): boolean {
  const handle = plain ? (socket as unknown as { _handle: Handle | null })._handle : null
  // What the stream holds comes first.
  if (binding === null || socket.writableLength > 0 || typeof handle?.writeLatin1String !== 'function') {
    socket.write(text, 'latin1')
    return socket.writableLength === 0
  }
  const error = handle.writeLatin1String(request!, text)
  if (error !== 0) {
    socket.destroy(failure(error))
    return false
  }
  if (binding.streamBaseState[binding.kLastWriteWasAsync] === 0) return true
  request!.oncomplete = status => {
    if (status < 0) socket.destroy(failure(status))
  }
  request = new binding.WriteWrap()
  return false
}

function failure(errno: number): Error {
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`write ${code}`), { code, errno, syscall: 'write' })
}
