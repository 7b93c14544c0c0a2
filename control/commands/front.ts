// oriel 3000, oriel app.example.com 3000 3001: in front of what runs there, without a file to write first.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { nearest } from '../../config/problems.ts'
import { parseTarget } from '../../config/target.ts'
import { Fault } from '../fault.ts'
import { nextFreePort } from '../try-listen.ts'
import { version } from '../version.ts'
import { serve } from './serve.ts'

export const help = `usage: oriel [NAME] TARGET…     oriel 3000     oriel app.example.com 3000 3001

Runs in front of what listens there, without a file to write first: the file that it writes can be kept and changed.
With a NAME it listens on ports 80 and 443 for that name, without one on this machine alone.
A TARGET is a port, host:port, or http://, https://, h2c:// or h2:// with both.
`

const FILE = 'data/front/oriel.yaml'
const COMMANDS = ['run', 'check', 'explain', 'reload', 'purge', 'link', 'demo', 'version', 'help']

export interface Front {
  /** '' for any name. */
  name: string
  targets: string[]
}

/** @throws Fault when the words are neither a command nor a front */
export function readFront(words: readonly string[]): Front {
  const wrongFlag = words.find(word => word.startsWith('-'))
  if (wrongFlag !== undefined) throw new Fault(`unknown option ${wrongFlag}; \`oriel help\` lists all`)
  const [first = '', ...rest] = words
  const named = typeof parseTarget(first) === 'string'
  const targets = named ? rest : [...words]
  if (named && targets.length === 0) {
    const meant = nearest(first, COMMANDS)
    throw new Fault(
      `unknown command "${first}"${meant === undefined ? '; `oriel help` lists all' : `, did you mean "${meant}"?`}`,
    )
  }
  for (const text of targets) {
    const target = parseTarget(text)
    if (typeof target === 'string') throw new Fault(`${text}: ${target}`)
  }
  return { name: named ? first : '', targets }
}

interface Listeners {
  http: string
  https: string
  admin: string
}

/** The file that is written for it: to be kept and changed. */
export function frontConfig({ name, targets }: Front, { http, https, admin }: Listeners): string {
  const list = targets.map(target => JSON.stringify(target)).join(', ')
  return `# Written by \`oriel ${[name, ...targets].filter(Boolean).join(' ')}\`; copy it to oriel.yaml to keep and change it.
listen:
  http: ${JSON.stringify(http)}
  https: ${JSON.stringify(https)}
admin: ${JSON.stringify(admin)}
data: ./data

routes:
  ${JSON.stringify(name === '' ? '*' : name)}:
    to: [${list}]
`
}

export async function run(words: string[]): Promise<number> {
  const front = readFront(words)
  const admin = await nextFreePort('127.0.0.1', 9900)
  const listeners =
    front.name === '' ? await local(admin) : { http: ':80', https: ':443', admin: `127.0.0.1:${admin}` }
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, frontConfig(front, listeners))
  const notes = [`${'config'.padEnd(11)}${FILE}`]
  if (front.name !== '') notes.push('', 'Certificates come from the local CA.')
  return serve({
    file: FILE,
    title: `Oriel ${version} in front of ${front.targets.join(', ')}`,
    notes: () => notes,
  })
}

/** Without a name it serves this machine alone. */
async function local(admin: number): Promise<Listeners> {
  const http = await nextFreePort('127.0.0.1', 8080, [admin])
  const https = await nextFreePort('127.0.0.1', 8443, [admin, http])
  return { http: `127.0.0.1:${http}`, https: `127.0.0.1:${https}`, admin: `127.0.0.1:${admin}` }
}
