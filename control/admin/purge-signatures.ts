// Who may purge without a login: an application that signs each request with the secret of data/purge.key.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import NodeCache from 'node-cache'
import { Problem } from './problem.ts'

/** A signature is good for so long, and once. */
const WINDOW_S = 300
/** Signatures remembered; beyond them none is taken until the oldest have run out. */
const MAX_SEEN = 10_000
/** As `Oriel-Signature t=1790000000, v1=<64 hex digits>`. */
const FORM = /^oriel-signature +t=(\d{1,12}), *v1=([0-9a-f]{64})$/i

export class PurgeSignatures {
  readonly #file: string
  readonly #seen = new NodeCache({ useClones: false, stdTTL: 2 * WINDOW_S, checkperiod: 60 })
  #secret: string | undefined

  constructor(dataDir: string) {
    this.#file = join(dataDir, 'purge.key')
    this.#secret = this.#read()
  }

  /** Made when it is first asked for. @param rotate a new one; what was signed with the old one is refused */
  secret(rotate: boolean): string {
    if (rotate || this.#secret === undefined) {
      const made = randomBytes(32).toString('base64url')
      writeFileSync(this.#file, `${made}\n`, { mode: 0o600 })
      this.#secret = made
    }
    return this.#secret
  }

  /** True for a header of this scheme: then `check` decides. */
  claims(authorization: string | null): authorization is string {
    return authorization !== null && /^oriel-signature\b/i.test(authorization)
  }

  /**
   * HMAC-SHA256 of `t.body`: nobody can change what is purged, nor say it again.
   * @throws Problem 401, 429
   */
  check(authorization: string, body: string, nowMs: number): void {
    const [, time = '', signature = ''] = FORM.exec(authorization) ?? []
    if (this.#secret === undefined || signature === '')
      throw new Problem(
        401,
        'Authorization: expected Oriel-Signature t=<unix seconds>, v1=<HMAC-SHA256, hex>',
      )
    if (Math.abs(nowMs / 1000 - Number(time)) > WINDOW_S)
      throw new Problem(401, `the signature is not of the last ${WINDOW_S} s: check the clock`)
    const expected = createHmac('sha256', this.#secret).update(`${time}.${body}`).digest()
    if (!timingSafeEqual(expected, Buffer.from(signature, 'hex')))
      throw new Problem(401, 'the signature is wrong')
    const key = signature.toLowerCase()
    if (this.#seen.has(key)) throw new Problem(401, 'this signature was used before')
    if (this.#seen.getStats().keys >= MAX_SEEN)
      throw new Problem(429, 'too many signed requests; wait', WINDOW_S)
    this.#seen.set(key, true)
  }

  close(): void {
    this.#seen.close()
  }

  #read(): string | undefined {
    try {
      const text = readFileSync(this.#file, 'utf8').trim()
      return text.length >= 32 ? text : undefined
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }
}
