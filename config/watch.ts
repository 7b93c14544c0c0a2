// Tells when the configuration file has changed, however an editor saves it; nothing is polled.
import { type FSWatcher, watch as watchDirectory } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'

/** An editor writes in several steps: wait until none came for this long. */
const SETTLE_MS = 100

export interface Watcher {
  close(): void
}

/**
 * Watches the directory, because saving by rename replaces the file itself. Only new content counts:
 * `touch` or a write of the same text is no change.
 */
export async function watch(
  file: string,
  onChange: () => void,
  onError: (error: Error) => void,
): Promise<Watcher> {
  const path = resolve(file)
  let last = await contentOf(path)
  let timer: NodeJS.Timeout | undefined
  const settle = async () => {
    const now = await contentOf(path)
    // A file in the middle of a rename is missing for a moment; its return is the change.
    if (now === undefined || now === last) return
    last = now
    onChange()
  }
  const watcher: FSWatcher = watchDirectory(dirname(path), { persistent: false }, (_event, name) => {
    // Kubernetes swaps a directory link (`..data`) behind the file: its own name never shows up.
    if (name !== null && name !== basename(path) && !name.startsWith('..')) return
    clearTimeout(timer)
    timer = setTimeout(() => void settle(), SETTLE_MS)
  })
  watcher.on('error', onError)
  return {
    close() {
      clearTimeout(timer)
      watcher.close()
    },
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}
