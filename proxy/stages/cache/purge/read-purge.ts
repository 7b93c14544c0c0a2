// From what somebody wrote to a purge that can be carried out, or to the one pattern that is wrong.
import { readTarget } from '../../../lib/path.ts'
import type { Purge } from './purge.ts'
import type { PurgeWords } from './purge-words.ts'
import { isTag } from './tags.ts'

const DEFAULT_PORT: Record<string, string> = { http: '80', https: '443' }
const HOST = /^(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?)$/

/** @returns why not, as a string that names the pattern */
export function readPurge(words: PurgeWords): Purge | string {
  const { urls = [], prefixes = [], hosts = [], tags = [], all = false } = words
  const kinds = [urls, prefixes, hosts, tags].filter(list => list.length > 0).length
  if (kinds === 0 && !all) return 'nothing to purge: give urls, prefixes, hosts, tags or all'
  if (kinds > 0 && all) return 'all: stands alone'
  const problems: string[] = []
  const each = (list: readonly string[], read: (text: string) => string[] | undefined, expected: string) =>
    list.flatMap(text => {
      const found = read(text)
      if (found === undefined) problems.push(`"${text.slice(0, 200)}": expected ${expected}`)
      return found ?? []
    })
  const purge: Purge = {
    urls: each(urls, urlsOf, 'an absolute URL such as https://app.example.com/news'),
    prefixes: each(prefixes, prefixesOf, 'the beginning of a URL, at least scheme, host and a slash'),
    hosts: each(hosts, hostsOf, 'a host without port, such as app.example.com'),
    tags: each(tags, text => (isTag(text) ? [text] : undefined), 'a tag: printable, without space or comma'),
    all,
    soft: words.soft ?? false,
    dryRun: words.dryRun ?? false,
  }
  return problems[0] ?? purge
}

/** The path as requests are keyed by it; with and without the scheme's own port, as clients may send it. */
function urlsOf(text: string): string[] | undefined {
  const parts = partsOf(text)
  if (parts === undefined) return undefined
  const target = readTarget(parts.rest === '' ? '/' : parts.rest.split('#', 1)[0]!)
  if ('refusal' in target) return undefined
  const question = parts.rest.split('#', 1)[0]!.indexOf('?')
  const query = question < 0 ? '' : parts.rest.split('#', 1)[0]!.slice(question)
  return parts.origins.map(origin => origin + target.path + query)
}

/** Taken as it is written: it may end inside a word. */
function prefixesOf(text: string): string[] | undefined {
  const parts = partsOf(text)
  if (parts === undefined || !parts.rest.startsWith('/')) return undefined
  return parts.origins.map(origin => origin + parts.rest)
}

function hostsOf(text: string): string[] | undefined {
  const host = text.toLowerCase()
  return HOST.test(host) ? [host] : undefined
}

function partsOf(text: string): { origins: string[]; rest: string } | undefined {
  const match = /^(https?):\/\/(\[[^\]/]+\]|[^/:?#@\s]+)(?::(\d{1,5}))?([/?#].*)?$/i.exec(text)
  if (match === null || /[\0-\x20\x7f]/.test(text) || !URL.canParse(text)) return undefined
  const scheme = match[1]!.toLowerCase()
  const host = match[2]!.toLowerCase()
  if (!HOST.test(host)) return undefined
  const port = match[3] ?? ''
  const own = DEFAULT_PORT[scheme]!
  const ports = port === '' || port === own ? ['', `:${own}`] : [`:${port}`]
  return { origins: ports.map(each => `${scheme}://${host}${each}`), rest: match[4] ?? '' }
}
