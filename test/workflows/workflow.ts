import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';

/** A workflow file as the rules see it: parsed, with expressions as they are written. */
export interface Workflow {
  /** Relative to the root. */
  file: string;
  text: string;
  on: string | readonly string[] | Readonly<Record<string, unknown>>;
  permissions?: unknown;
  concurrency?: Concurrency;
  jobs: Readonly<Record<string, Job>>;
}

export interface Job {
  uses?: string;
  'runs-on'?: string;
  permissions?: Readonly<Record<string, string>>;
  environment?: unknown;
  concurrency?: Concurrency;
  strategy?: { 'fail-fast'?: boolean; matrix?: { include?: readonly Readonly<Record<string, string>>[] } };
  secrets?: unknown;
  'timeout-minutes'?: number;
  steps?: readonly Step[];
}

export interface Step {
  name?: string;
  uses?: string;
  run?: string;
  shell?: string;
  with?: Readonly<Record<string, unknown>>;
  'timeout-minutes'?: number;
}

interface Concurrency {
  group: string;
  'cancel-in-progress'?: boolean | string;
  queue?: string;
}

export const root = join(import.meta.dirname, '../..');

export function readWorkflow(file: string, text: string): Workflow {
  return { ...(parse(text) as Omit<Workflow, 'file' | 'text'>), file, text };
}

/** Our own workflows and those of the examples. */
export function allWorkflows(): Workflow[] {
  return ['.github/workflows', 'examples/workflows']
    .map((folder) => join(root, folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .map((file) => readWorkflow(relative(root, file), readFileSync(file, 'utf8')));
}

export const jobsOf = ({ jobs }: Workflow): [string, Job][] => Object.entries(jobs);
export const stepsOf = (workflow: Workflow): Step[] => jobsOf(workflow).flatMap(([, { steps = [] }]) => steps);

/** A step that is our Action, in a caller's repository or in this one. */
export const isOurs = ({ uses }: Step): boolean =>
  uses === './' || uses?.startsWith('OWNER/istio-canary-upgrade@') === true;
