import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

const results = process.env['TEST_RESULTS'];
/** Vitest leaves one for itself, which of two is half of them. */
const maxWorkers = Math.max(2, availableParallelism() - 1);
/** A title of a table is read in full; vitest cuts its values after 40 characters. */
const titles = { taskTitleValueFormatTruncate: 200 } as const;
/** Only a backstop for what hangs: no test may depend on how busy the machine is. */
const backstop = { ...titles, testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000 } } };
/** One process runs many files: what they import is loaded once and stays compiled. */
const shared = { ...backstop, maxWorkers, pool: 'forks', isolate: false } as const;
/** What must be hidden is known to a whole process, so each of these files has one of its own. */
const secrets = 'test/secrecy/*secrets.test.ts';

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
          exclude: ['test/**/*.{exhaustive,lab,action,sim,containers}.test.ts', secrets],
          ...shared,
        },
      },
      { test: { name: 'secrets', include: [secrets], ...shared, isolate: true } },
      { test: { name: 'sim', include: ['test/**/*.sim.test.ts'], ...shared } },
      // Every moment, every scenario, every mutant, real processes: too long for `npm test`, and part of .ci/run.
      { test: { name: 'exhaustive', include: ['test/**/*.exhaustive.test.ts'], ...shared } },
      // Through action.yml by the runner: real processes, on a simulator that runs twenty times as fast as time.
      { test: { name: 'action', include: ['test/**/*.action.test.ts'], ...backstop, maxWorkers: 2 } },
      // Real clusters of kind, one after the other: one engine has the machine to itself.
      {
        test: {
          name: 'containers',
          include: ['test/**/*.containers.test.ts'],
          testTimeout: 1_200_000,
          hookTimeout: 3_000_000,
          maxWorkers: 1,
          fileParallelism: false,
          // A real node on a busy machine may not come up in the minute that kubeadm gives it. What fails twice has failed.
          retry: 1,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/**/*.lab.test.ts'],
          ...titles,
          testTimeout: 600_000,
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
