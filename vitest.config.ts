import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // Two cores: more workers only take turns, and onnxruntime has threads of its own.
    maxWorkers: 2,
    pool: 'forks',
  },
})
