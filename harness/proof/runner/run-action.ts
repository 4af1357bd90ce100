import { rmSync } from 'node:fs';
import { readAction } from './action-file.ts';
import { type Job, newJob, newLog, type RanAction, type RunOptions } from './job.ts';
import { endOrphans, orphansOf } from './orphans.ts';
import { expectKnown } from './references.ts';
import { type Composite, runComposite } from './run-composite.ts';
import type { StepLog } from './step-log.ts';

/**
 * Runs a composite action as a step of a job, as GitHub's runner does.
 * @throws ActionInvalid when GitHub would refuse it; Error when it uses what has no stand-in, before anything is run
 */
export async function runAction(options: RunOptions): Promise<RanAction> {
  const action = readAction(options.actionFolder);
  const place = { folder: options.actionFolder, repository: options.actionFolder };
  expectKnown(action, place, options);
  return await inJob(options, (job, log) =>
    runComposite(job, action, { place, inputs: options.with, env: options.stepEnv ?? {}, log }),
  );
}

/** What is left of a job after its work: everything that was said, and processes that still run. */
export async function inJob(
  options: RunOptions,
  work: (job: Job, log: StepLog) => Promise<Composite>,
): Promise<RanAction> {
  const job = newJob(options);
  try {
    const log = newLog(job);
    const ran = await work(job, log);
    const orphans = orphansOf(job.trackingId);
    endOrphans(orphans);
    const { dropped } = job.count;
    if (dropped > 0) log.complaints.push(`${dropped} annotations beyond the tenth of their level were dropped`);
    const outputs = showable(job, ran);
    return {
      ...ran,
      outputs,
      log: [...log.lines, ...ran.steps.map((step) => step.log)].filter((lines) => lines !== '').join('\n'),
      summary: ran.steps.map(({ summary }) => summary).join(''),
      annotations: [...log.annotations, ...ran.steps.flatMap(({ annotations }) => annotations)],
      groups: job.groups,
      masks: job.masks.values,
      complaints: [...log.complaints, ...job.complaints],
      orphans,
    };
  } finally {
    if (job.folder !== undefined) rmSync(job.folder, { recursive: true, force: true });
  }
}

/** As a job that passes them on to other jobs: an output that looks like a secret gets lost (actions/runner: JobExtension.cs). */
function showable(job: Job, { outputs }: Composite): Record<string, string> {
  const isShowable = ([name, value]: [string, string]) => {
    const isSecret = job.masks.apply(value) !== value;
    if (isSecret) job.complaints.push(`Skip output '${name}' since it may contain secret.`);
    return !isSecret;
  };
  return Object.fromEntries(Object.entries(outputs).filter(isShowable));
}
