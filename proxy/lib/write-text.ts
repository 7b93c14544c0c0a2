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

/** Whom a write tells that it has left. */
export interface Writing {
  written(): void
}

/**
 * @param plain the socket is a TCP connection's own, not one that encrypts
 * @param text latin1
 * @param whose told when the text has left, if that is later; never where the socket breaks first
 * @returns true: the kernel took all of it, and nobody is told
 */
export function writeText(socket: Socket, plain: boolean, text: string, whose: Writing | null): boolean {
  const handle = plain ? (socket as unknown as { _handle: Handle | null })._handle : null
  // What the stream holds comes first.
  if (binding === null || socket.writableLength > 0 || typeof handle?.writeLatin1String !== 'function') {
    socket.write(text, 'latin1', whose === null ? undefined : telling(whose))
    return false
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
  // Behind what waits.
  if (whose !== null) socket.write('', telling(whose))
  return false
}

/** For a write's end. Who closes a broken connection ends what goes on over it. */
export function telling(whose: Writing): (error?: Error | null) => void {
  return error => {
    if (!error) whose.written()
  }
}

function failure(errno: number): Error {
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`write ${code}`), { code, errno, syscall: 'write' })
}
