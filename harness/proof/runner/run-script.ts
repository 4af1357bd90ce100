import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environmentOf } from './contexts.ts';
import { runProcess } from './run-process.ts';
import type { Work } from './run-step.ts';

/**
 * A `run:` step.
 * @throws Error when its process cannot be started
 */
export const runScript: Work = async ({ job, scope, step, env, files, log, cancel, expressions }) => {
  const script = join(job.temp, `${randomUUID()}.sh`);
  writeFileSync(script, expressions.text(step.run ?? ''));
  const exitCode = await runProcess({
    file: 'bash',
    args: ['--noprofile', '--norc', '-e', '-o', 'pipefail', script],
    cwd: resolve(job.options.workspace, expressions.text(step['working-directory'] ?? '')),
    env: environmentOf(job, scope, env, files),
    onLine: (line) => log.take(line),
    cancel,
    factor: job.options.signalFactor ?? 1,
  });
  // After a cancel the exit code of the process does not count.
  if (exitCode !== 0 && !cancel.aborted) log.error(`Process completed with exit code ${exitCode}.`);
  return { outcome: cancel.aborted ? 'cancelled' : exitCode === 0 ? 'success' : 'failure', exitCode };
};
