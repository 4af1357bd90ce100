import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Annotation, AnnotationCount } from './annotations.ts';
import { Masks } from './masks.ts';
import type { Orphan } from './orphans.ts';
import type { StandIn } from './stand-in.ts';
import { StepLog } from './step-log.ts';

export interface RunOptions {
  /** Holds action.yml; the root of its repository. */
  actionFolder: string;
  with: Readonly<Record<string, string>>;
  /** Where steps run. */
  workspace: string;
  /** All that steps see of an environment, besides what the runner adds. */
  env: Readonly<Record<string, string>>;
  /** `env:` of the step that calls the action, evaluated. */
  stepEnv?: Readonly<Record<string, string>>;
  /** For `uses:` of other repositories, by `owner/name`. */
  standIns: Readonly<Record<string, StandIn>>;
  /** The job is cancelled. */
  cancel?: AbortSignal;
  /** Of the runner's waits at a cancel: 1 is as on GitHub. */
  signalFactor?: number;
  /** Actions of other repositories that lie here, by `owner/name`. */
  local?: Readonly<Record<string, string>>;
  /** More of the `github` context, or other than a runner on github.com would have: `event_name`, `api_url`. */
  github?: Readonly<Record<string, string>>;
  /** `github.event`, and what GITHUB_EVENT_PATH names. */
  event?: object;
  /** Contexts that the steps of a job have besides: `vars`, `secrets`, `needs`, `matrix`. */
  contexts?: Readonly<Record<string, unknown>>;
  /** RUNNER_DEBUG. */
  debug?: boolean;
  /** Gets each line of the log as a person sees it. */
  tell?: (line: string) => void;
  /** Gets the name of each step that begins. */
  begin?: (step: string) => void;
  /** RUNNER_TEMP; left out: a folder of this job's own, which is removed. */
  temp?: string;
  /** Kept between jobs on runners of one's own; left out: empty. */
  toolCache?: string;
  /** By which orphans are known; left out: a new one. */
  trackingId?: string;
}

export type Outcome = 'success' | 'failure' | 'cancelled' | 'skipped';
/** Of an action, or of its steps up to one. */
export type Status = Exclude<Outcome, 'skipped'>;

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
  /** Of the action, not of the job: one whose steps have all succeeded is a success in a cancelled job too. */
  conclusion: Status;
  outputs: Readonly<Record<string, string>>;
  /** Those that the runner came to, also skipped ones. */
  steps: readonly RanStep[];
  log: string;
  /** Of all steps, in order. */
  summary: string;
  annotations: readonly Annotation[];
  groups: readonly string[];
  masks: readonly string[];
  /** What the runner had to say against the action: dropped annotations, refused summaries, bad commands. */
  complaints: readonly string[];
  /** Processes that outlived their step; they are ended, as the runner does at the end of a job. */
  orphans: readonly Orphan[];
}

/** The state of a job that its actions share. */
export interface Job {
  options: RunOptions;
  masks: Masks;
  count: AnnotationCount;
  trackingId: string;
  temp: string;
  toolCache: string;
  /** Removed at the end: what it was not given a place for. */
  folder: string | undefined;
  /** With `github.event`. */
  eventPath: string | undefined;
  /** Grows by GITHUB_ENV. */
  env: Record<string, string>;
  /** Grows by GITHUB_PATH at its end, which is where PATH begins. */
  path: string[];
  steps: number;
  complaints: string[];
  groups: string[];
  cancelled: () => boolean;
}

export function newJob(options: RunOptions): Job {
  let folder: string | undefined;
  const ownFolder = (name: string) => {
    folder ??= mkdtempSync(join(tmpdir(), 'runner-'));
    return join(folder, name);
  };
  const { temp = ownFolder('_temp'), toolCache = ownFolder('_tool') } = options;
  const job: Job = {
    options,
    masks: new Masks(),
    count: new AnnotationCount(),
    trackingId: options.trackingId ?? `github_${randomUUID()}`,
    temp,
    toolCache,
    folder,
    eventPath: options.event === undefined ? undefined : join(temp, `event-${randomUUID()}.json`),
    env: { ...options.env },
    path: [],
    steps: 0,
    complaints: [],
    groups: [],
    cancelled: () => options.cancel?.aborted === true,
  };
  mkdirSync(job.temp, { recursive: true });
  mkdirSync(job.toolCache, { recursive: true });
  if (job.eventPath !== undefined) writeFileSync(job.eventPath, JSON.stringify(options.event));
  return job;
}

export function newLog({ masks, count, options: { workspace, debug, tell } }: Job): StepLog {
  return new StepLog({ masks, count, workspace, debug: debug === true, tell: tell ?? (() => undefined) });
}
