// oriel explain METHOD URL: what would happen to a request, stage by stage, and why. Sends nothing.
import { parseArgs } from 'node:util'
import type { Config } from '../../config/schema.ts'
import type { ExplainRequest, Explanation } from '../admin/contract.ts'
import { Fault } from '../fault.ts'
import { configFor, runningOriel } from './running-oriel.ts'

const USAGE = "usage: oriel explain METHOD URL [-H 'name: value'] [--from ADDRESS] [--config FILE]"

export const help = `${USAGE}

Says what would happen to a request, stage by stage, and why. Sends nothing and changes nothing.
The running Oriel is asked; where none is, the file alone.

  -H 'name: value'   a field of the request; as many as are wanted
  --from ADDRESS     the client's address; 127.0.0.1 without it
  --config FILE      whose Oriel: oriel.yaml here, else the demo's
`

export async function run(words: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      header: { type: 'string', short: 'H', multiple: true, default: [] },
      from: { type: 'string', default: '127.0.0.1' },
      config: { type: 'string' },
    },
  })
  const [method, url] = positionals
  if (method === undefined || url === undefined) throw new Fault(USAGE)
  const request = { method, url, headers: values.header.map(headerOf), from: values.from }
  const { file, config } = await configFor(values.config)
  const running = await runningOriel(config.data)
  const answer = await (running?.post<Explanation>('/api/v1/explain', request) ?? inProcess(config, request))
  const source = running === undefined ? `${file} (Oriel is not running: no live state)` : 'the running Oriel'
  process.stdout.write(render(request, answer, source))
  return 0
}

function headerOf(text: string): [string, string] {
  const colon = text.indexOf(':')
  if (colon < 1) throw new Fault(`-H "${text}": expected name: value`)
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
}

/** The same stages, built from the file here. */
async function inProcess(config: Config, request: ExplainRequest): Promise<Explanation> {
  const [{ explainOnce }, { explanation }, { dryRequest }] = await Promise.all([
    import('../explain-once.ts'),
    import('../explanation.ts'),
    import('../admin-services.ts'),
  ])
  return explanation(await explainOnce(config, dryRequest(request)))
}

function render({ method, url, from }: ExplainRequest, answer: Explanation, source: string): string {
  const width = Math.max(...answer.decisions.map(it => it.stage.length), 8) + 2
  const decisions = answer.decisions.map(it => `  ${it.stage.padEnd(width)}${it.sentence}`)
  const head = `${method.toUpperCase()} ${url} from ${from}, according to ${source}`
  return `${[head, '', ...decisions, '', `  ${answer.outcome}`].join('\n')}\n`
}
