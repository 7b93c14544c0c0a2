// A dry run without a worker: the pipeline is built here, asked once and forgotten.
import type { Config } from '../config/schema.ts'
import { build } from '../proxy/build.ts'
import { Entry } from '../proxy/entry.ts'
import { explain } from '../proxy/explain.ts'
import type { DryRequest, DryResult } from '../proxy/messages.ts'
import { Recorder } from '../proxy/record/recorder.ts'
import { Registry } from '../proxy/registry.ts'

export function explainOnce(config: Config, request: DryRequest): Promise<DryResult> {
  const recorder = new Recorder({ worker: 0, rowsPerSecond: 1, headersPerSecond: 1, slowMs: 1000 })
  return explain(new Entry(build(config, 1, new Registry()), recorder), request)
}
