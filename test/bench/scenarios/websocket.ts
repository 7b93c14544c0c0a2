// Small WebSocket messages there and back.
import { cpuScenario } from '../cpu-scenario.ts'
import { askOnce, Helper } from '../load/helper.ts'
import type { LoadResult } from '../load/load-result.ts'

const CONNECTIONS = 100

export const websocket = cpuScenario({
  name: 'websocket',
  about: `${CONNECTIONS} WebSocket connections, one message of 64 B under way on each; a round trip is one message up and its echo down.`,
  unit: 'round trip',
  needs: [],
  async startBackend() {
    const helper = new Helper('backends/echo-server.ts')
    return { port: await helper.ask<number>({}), stop: () => helper.stop() }
  },
  load: ({ ports }, { seconds }) =>
    askOnce<LoadResult>('load/echo.ts', { port: ports.http, seconds, connections: CONNECTIONS }),
})
