// How commands on this machine find the running Oriel: address and token in the data directory.
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListenAddress } from '../config/schema.ts'

export interface Discovered {
  /** `http://127.0.0.1:9900` */
  admin: string
  /** Bearer token for commands of the user who runs Oriel. */
  token: string
  pid: number
}

const fileIn = (data: string): string => join(data, 'control.json')

/** Readable by its owner alone. */
export async function announce(data: string, found: Discovered): Promise<void> {
  const fresh = `${fileIn(data)}.new`
  await writeFile(fresh, `${JSON.stringify(found)}\n`, { mode: 0o600 })
  await rename(fresh, fileIn(data))
}

export async function withdraw(data: string): Promise<void> {
  await rm(fileIn(data), { force: true })
}

/** @returns undefined when no Oriel has announced itself there */
export async function discover(data: string): Promise<Discovered | undefined> {
  try {
    return JSON.parse(await readFile(fileIn(data), 'utf8')) as Discovered
  } catch {
    return undefined
  }
}

/** An address that a program on this machine can reach. */
export function reachable({ host, port }: ListenAddress, scheme = 'http'): string {
  const name = host === '' || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}`
}
