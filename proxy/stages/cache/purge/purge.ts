// What is to be taken out of the cache, checked; and whether a stored response is meant by it.

export interface Purge {
  /** Stored responses to these, each variant; without what follows a line break in their key. */
  urls: string[]
  /** URLs that begin so. */
  prefixes: string[]
  /** Without port, lower-case. */
  hosts: string[]
  tags: string[]
  all: boolean
  /** Made stale instead of removed: it may still stand in while the upstream is asked again, or fails. */
  soft: boolean
  /** Only counted. */
  dryRun: boolean
}

/** What a purge looks at. */
export interface Subject {
  /** The primary key. */
  readonly primary: string
  /** Null: not known, so it may have any. */
  readonly tags: readonly string[] | null
}

/** The URL of a primary key: what else tells responses apart stands behind a line break. */
export function urlOf(primary: string): string {
  const end = primary.indexOf('\n')
  return end < 0 ? primary : primary.slice(0, end)
}

/** Without port. */
export function hostOf(primary: string): string {
  return /^https?:\/\/(\[[^\]/]*\]|[^/:?]*)/.exec(primary)?.[1] ?? ''
}

export function isMeant(purge: Purge, { primary, tags }: Subject): boolean {
  if (purge.all) return true
  if (purge.tags.some(tag => tags === null || tags.includes(tag))) return true
  if (purge.hosts.length > 0 && purge.hosts.includes(hostOf(primary))) return true
  const url = urlOf(primary)
  return purge.urls.includes(url) || purge.prefixes.some(prefix => url.startsWith(prefix))
}
