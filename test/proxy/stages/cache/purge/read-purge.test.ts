// What may be purged by: a typing error is told with the pattern it is in, and never widens what is taken.
import { expect, test } from 'vitest'
import { isMeant } from '../../../../../proxy/stages/cache/purge/purge.ts'
import type { PurgeWords } from '../../../../../proxy/stages/cache/purge/purge-words.ts'
import { readPurge } from '../../../../../proxy/stages/cache/purge/read-purge.ts'

test.each<[string, PurgeWords, string]>([
  ['nothing', {}, 'nothing to purge'],
  ['empty lists', { urls: [], tags: [] }, 'nothing to purge'],
  ['all with something', { all: true, tags: ['a'] }, 'all: stands alone'],
  ['a path alone', { urls: ['/news'] }, '"/news"'],
  ['a URL without scheme', { urls: ['app.test/news'] }, '"app.test/news"'],
  ['another scheme', { urls: ['ftp://app.test/'] }, '"ftp://app.test/"'],
  ['credentials', { urls: ['http://user@app.test/'] }, '"http://user@app.test/"'],
  ['a port out of range', { urls: ['http://app.test:99999/'] }, ':99999'],
  ['a path above the root', { urls: ['http://app.test/../x'] }, '/../x'],
  ['a line break', { urls: ['http://app.test/a\nb'] }, 'expected an absolute URL'],
  ['a prefix without a slash', { prefixes: ['http://app.te'] }, '"http://app.te"'],
  ['a prefix that is everything', { prefixes: [''] }, '""'],
  ['a host with a port', { hosts: ['app.test:80'] }, '"app.test:80"'],
  ['a host with a star', { hosts: ['*.test'] }, '"*.test"'],
  ['a tag with a space', { tags: ['good', 'not good'] }, '"not good"'],
  ['an empty tag', { tags: [''] }, '""'],
])('%s is refused and named', (_, words, named) => {
  expect(readPurge(words)).toContain(named)
})

test.each<[string, PurgeWords, string, boolean]>([
  ['a URL', { urls: ['http://app.test/a?x=1'] }, 'http://app.test/a?x=1', true],
  ['its query, byte for byte', { urls: ['http://app.test/a?x=1'] }, 'http://app.test/a?x=2', false],
  ['a URL in another spelling', { urls: ['HTTP://App.Test:80/b/../%61'] }, 'http://app.test/a', true],
  ['what else is in its key', { urls: ['http://app.test/a'] }, 'http://app.test/a\nhttps\nfront.test', true],
  ['no longer path', { urls: ['http://app.test/a'] }, 'http://app.test/ab', false],
  ['no other scheme', { urls: ['http://app.test/a'] }, 'https://app.test/a', false],
  ['a prefix', { prefixes: ['https://app.test/a/'] }, 'https://app.test/a/b', true],
  ['a host on any port', { hosts: ['APP.test'] }, 'http://app.test:8080/a', true],
  ['no host that only begins so', { hosts: ['app.test'] }, 'http://app.test.evil/a', false],
  ['an IPv6 address', { hosts: ['[::1]'] }, 'http://[::1]:8080/a', true],
])('takes %s', (_, words, primary, expected) => {
  const purge = readPurge(words)
  if (typeof purge === 'string') throw new Error(purge)
  expect(isMeant(purge, { primary, tags: [] })).toBe(expected)
})
