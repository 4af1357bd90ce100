import { expressionsOf, type Scope } from './contexts.ts';
import type { RanAction, RunOptions } from './job.ts';
import { expectKnown } from './references.ts';
import { inJob } from './run-action.ts';
import { runNext } from './run-composite.ts';
import type { WorkflowJob } from './workflow-file.ts';

/**
 * Runs the steps of a job of a workflow.
 * @throws Error when it uses what has no stand-in, before anything is run
 */
export async function runSteps(
  options: RunOptions,
  { steps, outputs, env }: WorkflowJob,
  inputs: Readonly<Record<string, unknown>>,
): Promise<RanAction> {
  const place = { folder: options.workspace, repository: options.workspace };
  expectKnown({ name: 'job', inputs: {}, outputs: {}, runs: { using: 'composite', steps } }, place, options);
  return await inJob(options, async (job) => {
    const scope: Scope = { place, inputs, env: {}, steps: [], status: 'success' };
    const texts = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
    scope.env = expressionsOf(job, scope).texts(texts);
    for (const step of steps) {
      // Unlike the steps of an action, those of a job see its cancel as their own.
      if (job.cancelled()) scope.status = 'cancelled';
      if (await runNext(job, step, scope)) break;
    }
    return { conclusion: scope.status, outputs: expressionsOf(job, scope).texts(outputs), steps: scope.steps };
  });
}
