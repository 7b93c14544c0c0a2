// oriel purge: takes stored responses out of the running Oriel's cache, and says how many.
import { parseArgs } from 'node:util'
import type { PurgeOutcome, PurgeRequest, PurgeSecret } from '../admin/contract-cache.ts'
import { Fault } from '../fault.ts'
import { needRunningOriel } from './running-oriel.ts'

const USAGE = `usage: oriel purge URL… | --prefix P | --host H | --tag T | --all   [--soft] [--dry-run] [--config FILE]
       oriel purge --secret [--rotate]     the secret with which an application signs its own purges`

export const help = `${USAGE}

Takes stored answers out of the running Oriel's cache, in memory and on disk, and says how many.

  --prefix P       all whose URL begins with it
  --host H         all of a host
  --tag T          all with a tag (Cache-Tag, or tags of their route)
  --all            everything
  --soft           make them stale instead: they are confirmed or fetched anew when they are asked for
  --dry-run        say how many there are, and take none
  --rotate         make a new secret; the old one signs no more
  --config FILE    whose Oriel: oriel.yaml here, else the demo's
`

export async function run(words: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      prefix: { type: 'string', multiple: true, default: [] },
      host: { type: 'string', multiple: true, default: [] },
      tag: { type: 'string', multiple: true, default: [] },
      all: { type: 'boolean', default: false },
      soft: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      secret: { type: 'boolean', default: false },
      rotate: { type: 'boolean', default: false },
      config: { type: 'string' },
    },
  })
  const { prefix, host, tag, all, soft, secret, rotate, config } = values
  const named = positionals.length + prefix.length + host.length + tag.length
  if (secret) {
    const answer = await (await needRunningOriel(config)).post<PurgeSecret>('/api/v1/cache/secret', {
      rotate,
    })
    process.stdout.write(`${answer.secret}\n`)
    return 0
  }
  if (named === 0 && !all) throw new Fault(USAGE)
  const request: PurgeRequest = {
    urls: positionals,
    prefixes: prefix,
    hosts: host,
    tags: tag,
    all,
    soft,
    dryRun: values['dry-run'],
  }
  const running = await needRunningOriel(config)
  const outcome = await running.post<PurgeOutcome>('/api/v1/cache/purge', request)
  process.stdout.write(`${sentence(outcome, soft)}\n`)
  return outcome.silent > 0 ? 1 : 0
}

function sentence(
  { entries, memory, disk, workers, silent, tookMs, dryRun }: PurgeOutcome,
  soft: boolean,
): string {
  const verb = dryRun ? 'would be ' : ''
  const done = soft ? 'made stale' : 'removed'
  const where = `${memory} in the memory of ${workers} ${workers === 1 ? 'worker' : 'workers'}, ${disk} on disk`
  const missing = silent === 0 ? '' : `; ${silent} did not answer`
  return `${entries} stored ${entries === 1 ? 'response' : 'responses'} ${verb}${done} (${where}) in ${tookMs} ms${missing}`
}
