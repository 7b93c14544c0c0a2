// Oriel's version, from package.json: one directory up in a checkout, two in the published package.
import { existsSync, readFileSync } from 'node:fs'

const file = ['../package.json', '../../package.json']
  .map(path => new URL(path, import.meta.url))
  .find(url => existsSync(url))

export const version: string =
  file === undefined ? '0.0.0' : (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
