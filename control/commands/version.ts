// oriel version
import { version } from '../version.ts'

export const help = `usage: oriel version

Prints the versions of Oriel and of the Node it runs on.
`

export async function run(): Promise<number> {
  process.stdout.write(`oriel ${version} (node ${process.versions.node})\n`)
  return 0
}
