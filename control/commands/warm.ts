// oriel warm: loads what a start loads, so that the compile cache has it; set-up runs it once.

export async function run(): Promise<number> {
  await Promise.all([
    import('./demo.ts'),
    import('../control.ts'),
    import('../telemetry.ts'),
    import('../admin/server.ts'),
    import('../admin-services.ts'),
    import('../explain-once.ts'),
    import('../../telemetry/metrics/prometheus.ts'),
    // A worker outside a cluster only waits for messages.
    import('../../proxy/worker.ts'),
  ])
  return 0
}
