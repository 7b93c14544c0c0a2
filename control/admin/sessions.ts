// Who is logged in: hashes of session tokens with their end, kept in a file so that a restart logs nobody out.
import { chmod, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import NodeCache from 'node-cache'
import { z } from 'zod'
import type { Log } from '../log.ts'
import { hashOf, newSecret } from './secret.ts'

export const SESSION_S = 7 * 24 * 3600
/** Beyond it, the session that would end first gives way. */
const MAX_SESSIONS = 200

const fileSchema = z.strictObject({
  version: z.literal(1),
  sessions: z.array(z.strictObject({ hash: z.string().regex(/^[0-9a-f]{64}$/), untilMs: z.number() })),
})

export class Sessions {
  readonly #cache = new NodeCache({ useClones: false, checkperiod: 600 })
  readonly #file: string
  readonly #log: Log
  /** Saves stand in line: the last state is what the file says. */
  #saving: Promise<void> = Promise.resolve()

  constructor(dataDir: string, log: Log) {
    this.#file = join(dataDir, 'sessions.json')
    this.#log = log
  }

  /** Takes over what an earlier process left; a file that cannot be read means that all log in again. */
  async load(): Promise<void> {
    try {
      const { sessions } = fileSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')))
      for (const { hash, untilMs } of sessions.slice(-MAX_SESSIONS)) {
        const leftS = Math.min((untilMs - Date.now()) / 1000, SESSION_S)
        if (leftS > 0) this.#cache.set(hash, true, leftS)
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      this.#log.warn({ file: this.#file }, 'the saved sessions cannot be read; log in again')
    }
  }

  /** @returns the token for the cookie */
  async create(): Promise<string> {
    const kept = this.#entries()
    if (kept.length >= MAX_SESSIONS) this.#cache.del(kept.toSorted((a, b) => a.untilMs - b.untilMs)[0]!.hash)
    const token = newSecret()
    this.#cache.set(hashOf(token), true, SESSION_S)
    await this.#save()
    return token
  }

  has(token: string): boolean {
    return this.#cache.has(hashOf(token))
  }

  async end(token: string): Promise<void> {
    if (this.#cache.del(hashOf(token)) > 0) await this.#save()
  }

  async close(): Promise<void> {
    await this.#saving
    this.#cache.close()
  }

  #entries(): { hash: string; untilMs: number }[] {
    return this.#cache.keys().map(hash => ({ hash, untilMs: this.#cache.getTtl(hash) ?? 0 }))
  }

  #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write())
    return this.#saving
  }

  /** A full disk costs the login after the next restart, not the login now. */
  async #write(): Promise<void> {
    const temporary = `${this.#file}.new`
    try {
      const file = await open(temporary, 'w', 0o600)
      try {
        await file.writeFile(`${JSON.stringify({ version: 1, sessions: this.#entries() })}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      // A file left by a crash keeps its mode when it is opened again.
      await chmod(temporary, 0o600)
      await rename(temporary, this.#file)
    } catch (error) {
      const why = (error as Error).message
      this.#log.warn({ file: this.#file, why }, 'the sessions cannot be saved; they end with this process')
    }
  }
}
