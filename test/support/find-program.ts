// Where a program that the tests drive is: as the environment says, else the first of its names on the path.
import { existsSync } from 'node:fs'
import path from 'node:path'

/** @returns its path; undefined: it is not there */
export function findProgram(variable: string, names: readonly string[]): string | undefined {
  const told = process.env[variable]
  if (told !== undefined) return told
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  for (const name of names) {
    const folder = folders.find(it => existsSync(path.join(it, name)))
    if (folder !== undefined) return path.join(folder, name)
  }
  return undefined
}
