import { defineConfig } from 'vitest/config'

const setupFiles = ['test/support/today.ts']

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts', 'test/gardes/**/*.test.ts'], setupFiles } },
      {
        test: {
          name: 'api',
          include: ['test/contract/**/*.test.ts', 'test/api/**/*.test.ts', 'test/*.test.ts'],
          setupFiles,
        },
      },
      {
        test: {
          name: 'reliability',
          include: ['test/reliability/**/*.test.ts'],
          globalSetup: ['test/support/build.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
