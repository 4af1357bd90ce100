import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

const results = process.env['TEST_RESULTS'];
/** Vitest leaves one for itself, which of two is half of them. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // .ci/run counts over all suites.
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{lab,action,sim}.test.ts'],
          testTimeout: 20_000,
          maxWorkers,
        },
      },
      { test: { name: 'sim', include: ['test/**/*.sim.test.ts'], testTimeout: 60_000, maxWorkers } },
      // Through action.yml by the runner: real processes, on a simulator that runs twenty times as fast as time.
      { test: { name: 'action', include: ['test/**/*.action.test.ts'], testTimeout: 120_000, maxWorkers: 2 } },
      {
        test: {
          name: 'lab',
          include: ['test/**/*.lab.test.ts'],
          testTimeout: 300_000,
          // A cold cache builds Kubernetes, Istio and Prometheus first.
          hookTimeout: 3_000_000,
          // Each has a network and folders of its own; a third would have no core to run on.
          maxWorkers: 2,
          pool: 'forks',
        },
      },
    ],
  },
});
