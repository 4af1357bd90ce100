import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type ActionFile, type ActionStep, readAction } from './action-file.ts';
import { CommandFiles } from './command-files.ts';
import { Expressions } from './expressions.ts';
import { endOrphans, type Orphan, orphansOf } from './orphans.ts';
import { runProcess } from './run-process.ts';
import type { StandIn } from './stand-in.ts';
import { type Annotation, Masks, StepLog } from './step-log.ts';

export interface RunOptions {
  /** Holds action.yml. */
  actionFolder: string;
  with: Readonly<Record<string, string>>;
  /** Where steps run. */
  workspace: string;
  /** All that steps see of an environment, besides what the runner adds. */
  env: Readonly<Record<string, string>>;
  /** For `uses:` of other repositories, by `owner/name`. */
  standIns: Readonly<Record<string, StandIn>>;
  /** The job is cancelled. */
  cancel?: AbortSignal;
  /** Of the runner's waits at a cancel: 1 is as on GitHub. */
  signalFactor?: number;
  /** RUNNER_DEBUG. */
  debug?: boolean;
  /** Gets each line of the log as a person sees it. */
  tell?: (line: string) => void;
  /** RUNNER_TEMP; left out: a folder of this job's own, which is removed. */
  temp?: string;
  /** Kept between jobs on runners of one's own; left out: empty. */
  toolCache?: string;
}

export type Outcome = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface RanStep {
  id: string;
  name: string;
  outcome: Outcome;
  /** The same but for `continue-on-error`. */
  conclusion: Outcome;
  /** Of `run` steps that were run. */
  exitCode?: number;
  outputs: Readonly<Record<string, string>>;
  log: string;
  summary: string;
  annotations: readonly Annotation[];
}

export interface RanAction {
  conclusion: Exclude<Outcome, 'skipped'>;
  outputs: Readonly<Record<string, string>>;
  steps: readonly RanStep[];
  log: string;
  /** Of all steps, in order. */
  summary: string;
  annotations: readonly Annotation[];
  groups: readonly string[];
  masks: readonly string[];
  /** What the runner had to say against the action: dropped annotations, refused summaries, unknown commands. */
  complaints: readonly string[];
  /** Processes that outlived their step; they are ended, as the runner does at the end of a job. */
  orphans: readonly Orphan[];
}

/** How deep actions may call each other (actions/runner: Constants.cs). */
const depthMax = 9;

/** The state of a job that its actions share. */
interface Job {
  options: RunOptions;
  masks: Masks;
  trackingId: string;
  temp: string;
  toolCache: string;
  /** Grows by GITHUB_ENV and GITHUB_PATH. */
  env: Record<string, string>;
  path: string[];
  steps: number;
  complaints: string[];
  groups: string[];
  cancelled: () => boolean;
  tell: (line: string) => void;
}

/**
 * Runs a composite action as a step of a job, as GitHub's runner does.
 * @throws ActionInvalid when GitHub would refuse it; Error when it uses what has no stand-in, before anything is run
 */
export async function runAction(options: RunOptions): Promise<RanAction> {
  const action = readAction(options.actionFolder);
  const folder = mkdtempSync(join(tmpdir(), 'runner-'));
  const job: Job = {
    options,
    masks: new Masks(),
    trackingId: `github_${randomUUID()}`,
    temp: options.temp ?? join(folder, '_temp'),
    toolCache: options.toolCache ?? join(folder, '_tool'),
    env: { ...options.env },
    path: [],
    steps: 0,
    complaints: [],
    groups: [],
    cancelled: () => options.cancel?.aborted === true,
    tell: options.tell ?? (() => undefined),
  };
  mkdirSync(job.temp, { recursive: true });
  mkdirSync(job.toolCache, { recursive: true });
  expectKnown(action, options.actionFolder, options, 1);
  try {
    const ran = await runComposite(job, action, options.actionFolder, options.with);
    const orphans = orphansOf(job.trackingId);
    endOrphans(orphans);
    const outputs = Object.fromEntries(
      Object.entries(ran.outputs).filter(([name, value]) => isShowable(job, name, value)),
    );
    return {
      ...ran,
      outputs,
      log: ran.steps.map(({ log }) => log).join('\n'),
      summary: ran.steps.map(({ summary }) => summary).join(''),
      annotations: ran.steps.flatMap(({ annotations }) => annotations),
      groups: job.groups,
      masks: job.masks.values,
      complaints: job.complaints,
      orphans,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isShowable(job: Job, name: string, value: string): boolean {
  const isSecret = job.masks.apply(value) !== value;
  if (isSecret) job.complaints.push(`Skip output '${name}' since it may contain secret.`);
  return !isSecret;
}

/** Everything that is used must be there before the first step runs. */
function expectKnown(action: ActionFile, folder: string, options: RunOptions, depth: number): void {
  if (depth > depthMax) throw new Error(`actions call each other more than ${depthMax} deep`);
  if (action.runs.using !== 'composite')
    throw new Error(`only composite actions can be run here, not ${action.runs.using}`);
  for (const { uses, shell, run } of action.runs.steps) {
    if (run !== undefined && shell !== 'bash') throw new Error(`only shell: bash is known here, not ${shell}`);
    if (uses === undefined) continue;
    const local = localFolder(uses, folder, options);
    if (local !== undefined) expectKnown(readAction(local), local, options, depth + 1);
    else if (options.standIns[repositoryOf(uses)] === undefined) throw new Error(`nothing stands in for ${uses}`);
  }
}

/** `./` is below the caller's workspace, `$/` below the action's own repository. */
function localFolder(uses: string, folder: string, { workspace }: RunOptions): string | undefined {
  if (uses.startsWith('./')) return join(workspace, uses);
  return uses.startsWith('$/') ? join(folder, uses.slice(2)) : undefined;
}

const repositoryOf = (uses: string): string => uses.split('@')[0]?.split('/').slice(0, 2).join('/') ?? '';

type Composite = Pick<RanAction, 'conclusion' | 'outputs' | 'steps'>;

async function runComposite(
  job: Job,
  action: ActionFile,
  folder: string,
  given: Readonly<Record<string, string>>,
): Promise<Composite> {
  const unknown = Object.keys(given).filter((name) => !(name in action.inputs));
  if (unknown.length > 0)
    job.complaints.push(
      `Unexpected input(s) '${unknown.join("', '")}', valid inputs are ['${Object.keys(action.inputs).join("', '")}']`,
    );
  const state: Composite & { steps: RanStep[]; conclusion: RanAction['conclusion'] } = {
    conclusion: 'success',
    outputs: {},
    steps: [],
  };
  const contexts = (env: Readonly<Record<string, string>>) => ({
    github: githubContext(job, folder, state.conclusion),
    inputs: Object.fromEntries(
      Object.entries(action.inputs).map(([name, input]) => [name, given[name] ?? input?.default ?? '']),
    ),
    steps: Object.fromEntries(
      state.steps
        .filter(({ id }) => id !== '')
        .map(({ id, outcome, conclusion, outputs }) => [id, { outcome, conclusion, outputs }]),
    ),
    runner: {
      os: 'Linux',
      arch: runnerArch(),
      temp: job.temp,
      tool_cache: job.toolCache,
      debug: job.options.debug ? '1' : '',
    },
    job: { status: job.cancelled() ? 'cancelled' : 'success' },
    env: { ...job.env, ...env },
    strategy: {},
    matrix: {},
  });
  for (const step of action.runs.steps) {
    if (job.cancelled()) state.conclusion = 'cancelled';
    const ran = await runStep(
      job,
      step,
      folder,
      (env = {}) =>
        new Expressions(contexts(env), {
          success: state.conclusion === 'success',
          failure: state.conclusion === 'failure',
          cancelled: job.cancelled(),
        }),
    );
    state.steps.push(ran);
    if (ran.conclusion === 'cancelled') state.conclusion = 'cancelled';
    if (ran.conclusion === 'failure' && state.conclusion === 'success') state.conclusion = 'failure';
  }
  const end = new Expressions(contexts({}), { success: false, failure: false, cancelled: false });
  const outputs = Object.fromEntries(
    Object.entries(action.outputs).map(([name, { value }]) => [name, end.text(value)]),
  );
  return { ...state, outputs };
}

async function runStep(
  job: Job,
  step: ActionStep,
  folder: string,
  expressions: (env?: Readonly<Record<string, string>>) => Expressions,
): Promise<RanStep> {
  const id = step.id ?? '';
  const name = step.name === undefined ? (step.uses ?? 'Run') : expressions().text(step.name);
  const log = new StepLog(job.masks, { debug: job.options.debug === true, tell: job.tell });
  const nothing = { id, name, outputs: {}, log: '', summary: '', annotations: [] };
  if (!expressions().condition(step.if)) return { ...nothing, outcome: 'skipped', conclusion: 'skipped' };
  const env = evaluated(step.env, expressions());
  // A step that is started after the cancel has a token of its own, so that it can clean up.
  const cancel = job.cancelled() ? new AbortController().signal : (job.options.cancel ?? new AbortController().signal);
  job.steps += 1;
  const files = new CommandFiles(job.temp, job.steps);
  let outcome: Outcome;
  let outputs: Readonly<Record<string, string>> = {};
  let exitCode: number | undefined;
  if (step.uses === undefined) {
    exitCode = await runScript(job, step, folder, env, expressions(env), files, log, cancel);
    outcome = cancel.aborted ? 'cancelled' : exitCode === 0 ? 'success' : 'failure';
    if (outcome === 'failure') log.take(`::error::Process completed with exit code ${exitCode}.`);
    if (outcome === 'cancelled') log.take('::error::The operation was canceled.');
  } else {
    const inputs = evaluated(step.with, expressions(env));
    ({ outcome, outputs } = await runUses(job, step.uses, folder, inputs, log));
  }
  const written = files.read();
  Object.assign(job.env, written.env);
  job.path.unshift(...written.path);
  job.groups.push(...log.groups);
  job.complaints.push(...log.complaints, ...written.complaints);
  if (log.dropped > 0) job.complaints.push(`${log.dropped} annotations beyond the tenth of their level were dropped`);
  const forgiven = outcome === 'failure' && expressions(env).text(step['continue-on-error'] ?? '') === 'true';
  return {
    id,
    name,
    outcome,
    conclusion: forgiven ? 'success' : outcome,
    ...(exitCode === undefined ? {} : { exitCode }),
    outputs: { ...outputs, ...written.outputs },
    log: log.lines.join('\n'),
    summary: job.masks.apply(written.summary),
    annotations: log.annotations,
  };
}

const evaluated = (texts: Readonly<Record<string, string>>, expressions: Expressions): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, expressions.text(value)]));

async function runScript(
  job: Job,
  step: ActionStep,
  folder: string,
  env: Readonly<Record<string, string>>,
  expressions: Expressions,
  files: CommandFiles,
  log: StepLog,
  cancel: AbortSignal,
): Promise<number> {
  const script = join(job.temp, `${randomUUID()}.sh`);
  writeFileSync(script, expressions.text(step.run ?? ''));
  const { workspace, signalFactor = 1 } = job.options;
  const cwd = join(workspace, expressions.text(step['working-directory'] ?? ''));
  if (!existsSync(cwd)) throw new Error(`there is no folder ${cwd} to work in`);
  return await runProcess({
    file: 'bash',
    args: ['--noprofile', '--norc', '-e', '-o', 'pipefail', script],
    cwd,
    env: {
      ...job.env,
      ...env,
      ...runnerVariables(job, folder, step.id ?? ''),
      ...files.env,
      PATH: [...job.path, job.env['PATH'] ?? ''].join(delimiter),
    },
    onLine: (line) => log.take(line),
    cancel,
    factor: signalFactor,
  });
}

async function runUses(
  job: Job,
  uses: string,
  folder: string,
  inputs: Readonly<Record<string, string>>,
  log: StepLog,
): Promise<{ outcome: Outcome; outputs: Readonly<Record<string, string>> }> {
  const local = localFolder(uses, folder, job.options);
  if (local !== undefined) {
    const { conclusion, outputs, steps } = await runComposite(job, readAction(local), local, inputs);
    // They have been told as they came.
    log.lines.push(...steps.map((step) => step.log));
    return { outcome: conclusion, outputs };
  }
  const standIn = job.options.standIns[repositoryOf(uses)];
  if (standIn === undefined) throw new Error(`nothing stands in for ${uses}`);
  try {
    return { outcome: 'success', outputs: await standIn({ inputs, workspace: job.options.workspace }) };
  } catch (failure) {
    log.take(`::error::${failure instanceof Error ? failure.message : String(failure)}`);
    return { outcome: 'failure', outputs: {} };
  }
}

const runnerArch = (): string => (arch() === 'arm64' ? 'ARM64' : 'X64');

function githubContext(job: Job, folder: string, status: string): Record<string, string> {
  return {
    action_path: folder,
    action_status: status,
    workspace: job.options.workspace,
    repository: 'owner/caller',
    run_id: '1',
    run_attempt: '1',
    server_url: 'https://github.com',
    api_url: 'https://api.github.com',
    job: 'job',
  };
}

function runnerVariables(job: Job, folder: string, action: string): Record<string, string> {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: action,
    GITHUB_ACTION_PATH: folder,
    GITHUB_WORKSPACE: job.options.workspace,
    GITHUB_REPOSITORY: 'owner/caller',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'job',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: 'https://api.github.com',
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: runnerArch(),
    RUNNER_TEMP: job.temp,
    RUNNER_TOOL_CACHE: job.toolCache,
    RUNNER_TRACKING_ID: job.trackingId,
    ...(job.options.debug === true ? { RUNNER_DEBUG: '1' } : {}),
  };
}
