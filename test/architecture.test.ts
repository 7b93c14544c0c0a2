// The map of the house: who may import whom, and how large a room may be. A wrong arrow fails here.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Layers from the ground up: a file may import its own layer's folder and the layers it lists. */
const layers: { name: string; files: RegExp; may: string[]; types?: string[] }[] = [
  { name: 'lib', files: /^proxy\/lib\//, may: [] },
  { name: 'record', files: /^telemetry\/(frame|record|reject)\.ts$/, may: [] },
  { name: 'pipeline', files: /^proxy\/pipeline\//, may: ['lib', 'record'] },
  { name: 'upstream', files: /^proxy\/upstream\//, may: ['lib', 'record', 'pipeline'] },
  // Part of the cache and not of a request's path: the worker's end is its client, control runs its keeper.
  { name: 'tier', files: /^proxy\/stages\/cache\/(disk|purge)\//, may: ['lib', 'sqlite'] },
  { name: 'stages', files: /^proxy\/stages\//, may: ['lib', 'record', 'pipeline', 'upstream', 'tier'] },
  { name: 'wire', files: /^proxy\/wire\//, may: ['lib', 'record', 'pipeline'] },
  { name: 'recorder', files: /^proxy\/record\//, may: ['lib', 'record', 'pipeline'] },
  {
    name: 'worker',
    files: /^proxy\/[a-z-]+\.ts$/,
    may: ['lib', 'record', 'pipeline', 'upstream', 'stages', 'tier', 'wire', 'recorder'],
    types: ['config'],
  },
  { name: 'config', files: /^config\//, may: ['lib', 'stages', 'pipeline'] },
  // The one way to SQLite, for the two that have databases: telemetry and the cache's disk tier.
  { name: 'sqlite', files: /^telemetry\/store\/(driver|disk-fault|set-aside)\.ts$/, may: [] },
  { name: 'telemetry', files: /^telemetry\//, may: ['record', 'lib', 'sqlite'], types: ['contract', 'tier'] },
  { name: 'contract', files: /^control\/admin\/contract(-[a-z]+)?\.ts$/, may: [], types: ['record', 'tier'] },
  {
    name: 'control',
    files: /^control\//,
    may: [
      'config',
      'telemetry',
      'record',
      'contract',
      'worker',
      'tier',
      'recorder',
      'lib',
      'pipeline',
      'demo',
    ],
  },
  { name: 'demo', files: /^deploy\/demo\//, may: [] },
  { name: 'dashboard', files: /^dashboard\//, may: [], types: ['contract'] },
]

/** Only these may reach for a library that reaches outside. */
const guarded: { library: RegExp; allowed: RegExp }[] = [
  { library: /^better-sqlite3$/, allowed: /^telemetry\/(store|query)\// },
  {
    library: /^node:(net|tls|http|https|http2)$/,
    allowed:
      /^(proxy\/wire\/|proxy\/upstream\/transport\/|proxy\/record\/pipe|proxy\/stages\/cache\/disk\/|proxy\/build|control\/|deploy\/|config\/)/,
  },
]

const MAX_LINES = 300

const files = ['proxy', 'telemetry', 'control', 'config', 'deploy', 'dashboard']
  .flatMap(folder => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter(
    entry => entry.isFile() && /\.tsx?$/.test(entry.name) && !/node_modules|\/dist\b/.test(entry.parentPath),
  )
  .map(entry => relative(root, join(entry.parentPath, entry.name)))

const layerOf = (file: string) => layers.find(layer => layer.files.test(file))

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found: Import[] = []
  for (const match of text.matchAll(/^(?:import|export)\s+(type\s)?[^;'"]*?from\s+['"]([^'"]+)['"]/gm)) {
    const to = match[2]!
    found.push({
      from: file,
      to: to.startsWith('.') ? relative(root, resolve(root, dirname(file), to)) : to,
      typeOnly: match[1] !== undefined,
    })
  }
  return found
}

const imports = files.flatMap(importsOf)

test('every source file has its room', () => {
  expect(files.filter(file => layerOf(file) === undefined)).toEqual([])
})

test('imports run one way', () => {
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    const [own, other] = [layerOf(from), layerOf(to)]
    if (own === undefined || other === undefined || own === other) return false
    return !own.may.includes(other.name) && !(typeOnly && own.types?.includes(other.name))
  })
  expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
})

test('stages never import each other', () => {
  const room = (file: string) => /^proxy\/stages\/([^/.]+)/.exec(file)?.[1]
  const wrong = imports.filter(({ from, to }) => {
    const [own, other] = [room(from), room(to)]
    return own !== undefined && own !== 'index' && other !== undefined && own !== other
  })
  expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
})

test('databases and sockets stay behind their doors', () => {
  const wrong = imports.filter(({ from, to, typeOnly }) =>
    guarded.some(({ library, allowed }) => library.test(to) && !allowed.test(from) && !typeOnly),
  )
  expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
})

test('no file is two rooms in one, and each says what it is for', () => {
  const sources = files.map(file => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n') }))
  expect(sources.filter(({ lines }) => lines.length - 1 > MAX_LINES).map(({ file }) => file)).toEqual([])
  expect(sources.filter(({ lines }) => !/^(\/\/|\/\*\*) ?/.test(lines[0]!)).map(({ file }) => file)).toEqual(
    [],
  )
})
