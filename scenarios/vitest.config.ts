import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['scenarios/matrix.scenario.ts'],
    reporters: ['default', './harness/plain-reporter.ts'],
    // One worker holds the rig; devices run side by side inside it.
    pool: 'threads',
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    retry: 0,
  },
});
