// The figures of the benchmark, and what one round of one target yields of them.

interface MetricInfo {
  title: string
  digits: number
  /** Shown as ratios too. */
  ratiosTo?: readonly string[]
}

/** `*` in a title stands for the scenario's unit. */
export const metrics = {
  rate: { title: '*s/s', digits: 0 },
  p50Ms: { title: 'p50 ms', digits: 2 },
  p99Ms: { title: 'p99 ms', digits: 2 },
  meanMs: { title: 'mean ms', digits: 2 },
  workerUs: { title: 'worker µs/*', digits: 1, ratiosTo: ['nginx'] },
  treeUs: { title: 'tree µs/*', digits: 1, ratiosTo: ['nginx', 'Caddy'] },
  worker1000Kb: { title: '1,000: worker KB', digits: 1 },
  tree1000Kb: { title: 'tree KB', digits: 1 },
  tree1000RssKb: { title: 'tree RSS KB', digits: 1 },
  worker10000Kb: { title: '10,000: worker KB', digits: 1 },
  tree10000Kb: { title: 'tree KB', digits: 1 },
  tree10000RssKb: { title: 'tree RSS KB', digits: 1 },
  downWorkerMb: { title: 'down: worker MB', digits: 1 },
  downMb: { title: 'tree MB', digits: 1 },
  downSeconds: { title: 's', digits: 1 },
  upWorkerMb: { title: 'up: worker MB', digits: 1 },
  upMb: { title: 'tree MB', digits: 1 },
  upSeconds: { title: 's', digits: 1 },
} satisfies Record<string, MetricInfo>

export type Metric = keyof typeof metrics

export const metricInfo = (metric: Metric): MetricInfo => metrics[metric]

export type Sample = Partial<Record<Metric, number>> & {
  /** Non-2xx answers, socket errors, bodies cut short or too long. */
  errors: number
}
