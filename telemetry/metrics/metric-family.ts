// One metric with its samples, in the form that prom-client's registry prints.
import type { Metric } from 'prom-client'

export interface Sample {
  /** When it is not the family's name: `…_bucket`, `…_sum`, `…_count`. */
  metricName?: string
  labels: Record<string, string>
  value: number
  /** Shown in OpenMetrics only. Timestamp in seconds. */
  exemplar?: { labelSet: { trace_id: string }; value: number; timestamp: number }
}

export class MetricFamily {
  readonly samples: Sample[] = []
  readonly #name: string
  readonly #help: string
  readonly #type: 'counter' | 'gauge' | 'histogram'

  constructor(type: 'counter' | 'gauge' | 'histogram', name: string, help: string) {
    this.#type = type
    this.#name = name
    this.#help = help
  }

  add(value: number, labels: Record<string, string> = {}): this {
    this.samples.push({ labels, value })
    return this
  }

  /** The registry takes anything with these members; it renames counters for OpenMetrics through `name`. */
  asMetric(): Metric {
    const metric = {
      name: this.#name,
      help: this.#help,
      type: this.#type,
      get: async () => ({ ...metric, values: this.samples }),
    }
    return metric as unknown as Metric
  }
}
