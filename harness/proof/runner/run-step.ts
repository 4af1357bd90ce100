import type { ActionStep } from './action-file.ts';
import { CommandFiles } from './command-files.ts';
import { expressionsOf, type Scope, type StepScope } from './contexts.ts';
import type { Expressions } from './expressions.ts';
import { type Job, newLog, type Outcome, type RanStep, type Status } from './job.ts';
import type { StepLog } from './step-log.ts';

/** What a step does between its condition and its end. A throw fails the step. */
export type Work = (call: {
  job: Job;
  scope: Scope;
  step: ActionStep;
  /** Its `env:`, evaluated. */
  env: Readonly<Record<string, string>>;
  files: CommandFiles;
  log: StepLog;
  cancel: AbortSignal;
  expressions: Expressions;
}) => Promise<Worked>;

interface Worked {
  outcome: Status;
  exitCode?: number;
  outputs?: Readonly<Record<string, string>>;
  /** Of the steps of an action that it called. */
  summary?: string;
}

export interface StepEnd {
  ran: RanStep;
  /** The condition cannot be evaluated: no step of the action comes after it, not even one that is to run always. */
  isLast: boolean;
}

/**
 * Runs one step of a composite action, or skips it.
 * @see https://github.com/actions/runner/blob/258d6c857db3519913f7deb6004b60172f8043ae/src/Runner.Worker/Handlers/CompositeActionHandler.cs
 */
export async function runStep(job: Job, step: ActionStep, scope: Scope, work: Work): Promise<StepEnd> {
  const log = newLog(job);
  const fresh: RanStep = {
    id: step.id ?? '',
    name: step.name ?? step.uses ?? 'Run',
    outcome: 'success',
    conclusion: 'success',
    outputs: {},
    log: '',
    summary: '',
    annotations: [],
  };
  // Before the condition, which may ask for it. A mistake in it fails the step, which runs all the same.
  const env = attempt(log, () => expressionsOf(job, scope).texts(step.env));
  const look = (more: StepScope = {}) => expressionsOf(job, scope, { env: env ?? {}, ...more });
  const cancelling = new AbortController();
  const release = cancelWith(job, cancelling, () => {
    const isWanted = attempt(log, () => look({ status: 'cancelled' }).condition(step.if));
    return isWanted !== true;
  });
  try {
    const isWanted = attempt(log, () => look().condition(step.if));
    if (isWanted === undefined) return { ran: ended(job, fresh, log, 'failure'), isLast: true };
    if (!isWanted) return { ran: { ...fresh, outcome: 'skipped', conclusion: 'skipped' }, isLast: false };
    job.steps += 1;
    const files = new CommandFiles(job.temp, job.steps);
    const expressions = look({ files });
    const name = quietly(() => expressions.text(fresh.name)) ?? fresh.name;
    job.options.begin?.(job.masks.apply(name));
    const call = { job, scope, step, env: env ?? {}, files, log, cancel: cancelling.signal, expressions };
    const worked = await carryOut(work, call, cancelling.signal);
    const outcome = worked.outcome === 'success' && env === undefined ? 'failure' : worked.outcome;
    return { ran: finished(job, { ...fresh, name }, { ...call, worked, outcome, look }), isLast: false };
  } finally {
    release();
  }
}

/**
 * A cancel of the job reaches the running step only if its condition no longer holds: one that is to run always goes on.
 * A step that begins after the cancel cannot be cancelled at all, whatever its condition.
 */
function cancelWith(job: Job, cancelling: AbortController, isUnwanted: () => boolean): () => void {
  const { cancel } = job.options;
  if (cancel === undefined || job.cancelled()) return () => undefined;
  const onCancel = () => {
    if (isUnwanted()) cancelling.abort();
  };
  cancel.addEventListener('abort', onCancel, { once: true });
  return () => cancel.removeEventListener('abort', onCancel);
}

async function carryOut(work: Work, call: Parameters<Work>[0], cancel: AbortSignal): Promise<Worked> {
  try {
    return await work(call);
  } catch (failure) {
    if (cancel.aborted) return { outcome: 'cancelled' };
    call.log.error(messageOf(failure));
    return { outcome: 'failure' };
  }
}

interface End {
  step: ActionStep;
  files: CommandFiles;
  log: StepLog;
  worked: Worked;
  outcome: Status;
  look: () => Expressions;
}

/** What it has written into its files counts also after a failure and a cancel. */
function finished(job: Job, ran: RanStep, { step, files, log, worked, outcome, look }: End): RanStep {
  const written = files.read();
  for (const error of written.errors) log.complain('error', error);
  Object.assign(job.env, written.env);
  for (const path of written.path) job.path = [...job.path.filter((other) => other !== path), path];
  if (outcome === 'cancelled') log.error('The operation was canceled.');
  const last = outcome === 'success' && (written.failsStep || log.hasFailed) ? 'failure' : outcome;
  const isForgiven =
    last === 'failure' &&
    step['continue-on-error'] !== undefined &&
    attempt(log, () => look().boolean(step['continue-on-error'] ?? '')) === true;
  return {
    ...ended(job, ran, log, last),
    conclusion: isForgiven ? 'success' : last,
    ...(worked.exitCode === undefined ? {} : { exitCode: worked.exitCode }),
    outputs: { ...log.outputs, ...worked.outputs, ...written.outputs },
    summary: (worked.summary ?? '') + maskedLines(job, written.summary),
  };
}

function ended(job: Job, ran: RanStep, log: StepLog, outcome: Outcome): RanStep {
  job.groups.push(...log.groups);
  job.complaints.push(...log.complaints);
  return { ...ran, outcome, conclusion: outcome, log: log.lines.join('\n'), annotations: log.annotations };
}

/** GitHub masks a summary line by line, and ends each of them. */
const maskedLines = (job: Job, text: string): string =>
  text === ''
    ? ''
    : text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${job.masks.apply(line)}\n`)
        .join('');

function attempt<T>(log: StepLog, evaluate: () => T): T | undefined {
  try {
    return evaluate();
  } catch (failure) {
    log.complain('error', messageOf(failure));
    return undefined;
  }
}

/** A name that cannot be evaluated stays as it is written. */
function quietly<T>(evaluate: () => T): T | undefined {
  try {
    return evaluate();
  } catch {
    return undefined;
  }
}

const messageOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));
