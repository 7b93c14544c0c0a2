// Sees to it that the programs of the benchmark are there: through apt where that is allowed, else it says what lacks.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

export interface Need {
  program: string
  debian: string
}

function isPresent(program: string): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some(folder => existsSync(path.join(folder, program)))
}

/** Returns the needs that stay unmet. */
export function installTools(needs: readonly Need[]): Need[] {
  // Debian keeps servers in sbin, which is not on everybody's PATH.
  process.env.PATH += `${path.delimiter}/usr/sbin${path.delimiter}/usr/local/sbin`
  const missing = needs.filter(need => !isPresent(need.program))
  if (missing.length === 0 || process.getuid?.() !== 0 || !isPresent('apt-get')) return missing
  const packages = [...new Set(missing.map(need => need.debian))]
  process.stderr.write(`installing ${packages.join(', ')}…\n`)
  // RUNLEVEL=1 keeps the packages from starting their services.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  spawnSync('apt-get', ['update', '-qq'], { env })
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env })
  return missing.filter(need => !isPresent(need.program))
}
