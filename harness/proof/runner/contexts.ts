import { arch } from 'node:os';
import { delimiter } from 'node:path';
import type { CommandFiles } from './command-files.ts';
import { Expressions } from './expressions.ts';
import type { Job, RanStep, Status } from './job.ts';
import type { Place } from './references.ts';

/** What the steps of one action share. */
export interface Scope {
  place: Place;
  inputs: Readonly<Record<string, unknown>>;
  /** `env:` of the steps that called this action. */
  env: Readonly<Record<string, string>>;
  /** Those that have ended. */
  steps: RanStep[];
  /** Of these; a cancelled job alone does not change it. */
  status: Status;
}

/** What one step adds to them. */
export interface StepScope {
  env?: Readonly<Record<string, string>>;
  files?: CommandFiles;
  /** Of the step's own look at its action, which a cancel changes. */
  status?: Status;
}

/**
 * Inside an action `success()` and `failure()` are about its own steps, `cancelled()` is about the job
 * (actions/runner: SuccessFunction.cs, FailureFunction.cs, CancelledFunction.cs).
 */
export function expressionsOf(job: Job, scope: Scope, { env = {}, files, status = scope.status }: StepScope = {}) {
  const contexts = {
    github: { ...githubContext(job, scope, files), event: job.options.event ?? {}, action_status: status },
    inputs: scope.inputs,
    steps: Object.fromEntries(
      scope.steps
        .filter(({ id }) => id !== '')
        .map(({ id, outcome, conclusion, outputs }) => [id, { outcome, conclusion, outputs }]),
    ),
    runner: runnerContext(job),
    job: { status: job.cancelled() ? 'cancelled' : 'success' },
    env: { ...job.env, ...scope.env, ...env },
    strategy: {},
    matrix: {},
    ...job.options.contexts,
  };
  return new Expressions(contexts, {
    success: status === 'success',
    failure: status === 'failure',
    cancelled: job.cancelled(),
  });
}

/** All that a script sees. What the runner says wins, so that GITHUB_ENV and `env:` cannot change GITHUB_* and RUNNER_*. */
export function environmentOf(job: Job, scope: Scope, env: Readonly<Record<string, string>>, files: CommandFiles) {
  const named = (prefix: string, context: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(context).map(([name, value]) => [`${prefix}_${name.toUpperCase()}`, value]));
  const merged: Record<string, string> = {
    CI: 'true',
    RUNNER_TRACKING_ID: job.trackingId,
    ...job.env,
    ...scope.env,
    ...env,
    ...named('GITHUB', githubContext(job, scope, files)),
    ...named('RUNNER', runnerContext(job)),
    GITHUB_ACTIONS: 'true',
  };
  const path = [...job.path.toReversed(), merged['PATH'] ?? ''].filter((part) => part !== '').join(delimiter);
  return path === '' ? merged : { ...merged, PATH: path };
}

function githubContext(job: Job, { place }: Scope, files: CommandFiles | undefined): Record<string, string> {
  const paths = Object.entries(files?.env ?? {}).map(([name, path]) => [
    name.slice('GITHUB_'.length).toLowerCase(),
    path,
  ]);
  return {
    // Of the caller's step: the steps of a composite action have none of their own.
    action: '__self',
    action_path: place.folder,
    // Empty in a composite action's scripts, surprisingly (ActionRunner.cs).
    action_repository: '',
    action_ref: '',
    workspace: job.options.workspace,
    repository: 'owner/caller',
    run_id: '1',
    run_attempt: '1',
    server_url: 'https://github.com',
    api_url: 'https://api.github.com',
    job: 'job',
    ...(job.eventPath === undefined ? {} : { event_path: job.eventPath }),
    ...job.options.github,
    ...(Object.fromEntries(paths) as Record<string, string>),
  };
}

function runnerContext({ temp, toolCache, options }: Job): Record<string, string> {
  return {
    os: 'Linux',
    arch: arch() === 'arm64' ? 'ARM64' : 'X64',
    temp,
    tool_cache: toolCache,
    ...(options.debug === true ? { debug: '1' } : {}),
  };
}
