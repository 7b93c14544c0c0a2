// oriel version
import { version } from '../version.ts'

export async function run(): Promise<number> {
  process.stdout.write(`oriel ${version} (node ${process.versions.node})\n`)
  return 0
}
