// How the tests run: real processes and sockets, so few at a time and with room for a slow machine.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  tsconfig: 'tsconfig.server.json',
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**', '**/node_modules/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
