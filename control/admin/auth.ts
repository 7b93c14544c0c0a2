// Who may ask: a session cookie or a bearer token, and what a login accepts.
import { parse } from 'hono/utils/cookie'
import { Fault } from '../fault.ts'
import { Attempts } from './attempts.ts'
import { LoginLinks } from './login-links.ts'
import { Problem } from './problem.ts'
import { newSecret, sameSecret } from './secret.ts'
import type { Sessions } from './sessions.ts'

export const COOKIE = 'oriel_session'
const FAILURES_PER_MINUTE = 5
const MIN_TOKEN_LENGTH = 16

/** The right of one request to be answered. */
export interface Access {
  /** signature: of one purge, and good for nothing else. */
  by: 'session' | 'bearer' | 'signature'
  /** Asked again by answers that last: a session may end meanwhile. */
  valid(): boolean
}

export class Auth {
  readonly links = new LoginLinks()
  readonly sessions: Sessions
  readonly cliToken = newSecret()
  readonly #adminToken: string | undefined
  readonly #failures = new Attempts(FAILURES_PER_MINUTE)

  /**
   * @param adminToken from the environment; '' counts as absent
   * @throws Fault when it is too short to be secret
   */
  constructor(sessions: Sessions, adminToken: string | undefined) {
    if (adminToken !== undefined && adminToken !== '' && adminToken.length < MIN_TOKEN_LENGTH)
      throw new Fault(`ORIEL_ADMIN_TOKEN needs at least ${MIN_TOKEN_LENGTH} characters`)
    this.sessions = sessions
    this.#adminToken = adminToken === '' ? undefined : adminToken
  }

  /** @throws Problem 429 after too many wrong tokens from this address */
  access(headers: Headers, address: string): Access | undefined {
    const authorization = headers.get('authorization')
    if (authorization !== null) {
      const token = /^bearer +(\S+)$/i.exec(authorization)?.[1]
      if (token === undefined || !this.#knows(token, address)) return undefined
      return { by: 'bearer', valid: () => true }
    }
    const token = sessionToken(headers)
    if (token === undefined || !this.sessions.has(token)) return undefined
    return { by: 'session', valid: () => this.sessions.has(token) }
  }

  /** True for an unused link's token (which is used then) and for the bearer tokens. @throws Problem 429 */
  accepts(token: string, address: string): boolean {
    return this.links.use(token) || this.#knows(token, address)
  }

  async close(): Promise<void> {
    this.links.close()
    this.#failures.close()
    await this.sessions.close()
  }

  /**
   * The limit guards the token that a person chose. The random ones cannot be guessed, and stay good while
   * others at the same address fail: whoever holds one cannot be locked out.
   */
  #knows(token: string, address: string): boolean {
    if (sameSecret(token, this.cliToken)) return true
    if (this.#failures.spent(address))
      throw new Problem(429, 'too many wrong tokens; try again in a minute', 60)
    if (this.#adminToken !== undefined && sameSecret(token, this.#adminToken)) return true
    this.#failures.count(address)
    return false
  }
}

export function sessionToken(headers: Headers): string | undefined {
  return parse(headers.get('cookie') ?? '', COOKIE)[COOKIE]
}
