import { join } from 'node:path';
import { Expressions, type StatusFunctions } from './expressions.ts';
import type { Outcome, RanAction, RunOptions } from './job.ts';
import { matrixOf } from './matrix.ts';
import { runSteps } from './run-job.ts';
import { readWorkflow, type WorkflowFile, type WorkflowInputs, type WorkflowJob } from './workflow-file.ts';

export interface WorkflowOptions extends Omit<RunOptions, 'actionFolder' | 'with' | 'contexts'> {
  file: string;
  /** Where `./.github/workflows/` of its repository is. */
  workflows: string;
  /** Of a dispatch, as a person gave them; defaults fill what is left out. */
  inputs?: Readonly<Record<string, unknown>>;
  secrets?: Readonly<Record<string, string>>;
  /** Of the environment of a job; empty for jobs without. */
  vars?: (environment: string) => Readonly<Record<string, string>>;
}

interface RanJob {
  /** As GitHub names it: that of the caller first. */
  name: string;
  result: Outcome;
  environment: string;
  outputs: Readonly<Record<string, string>>;
  /** Absent when it was skipped, or only called another workflow. */
  ran?: RanAction;
}

export interface RanWorkflow {
  result: Outcome;
  /** In the order in which they ended. */
  jobs: readonly RanJob[];
  outputs: Readonly<Record<string, string>>;
}

interface Needed {
  result: Outcome;
  outputs: Readonly<Record<string, string>>;
}

/**
 * Runs the jobs of a workflow one after another, in the order of their `needs`.
 * @throws ActionInvalid for a file that GitHub would refuse; Error for what cannot be run here
 */
export async function runWorkflow(options: WorkflowOptions, prefix = ''): Promise<RanWorkflow> {
  const workflow = readWorkflow(options.file);
  const { workflow_dispatch: dispatch, workflow_call: call } = workflow.on;
  const inputs = { ...defaultsOf((prefix === '' ? dispatch : call)?.inputs), ...options.inputs };
  const done = new Map<string, Needed>();
  const jobs: RanJob[] = [];
  for (const [name, job] of inOrder(workflow)) {
    const look = (more: Readonly<Record<string, unknown>> = {}, status = statusOf(job, workflow, done, options)) =>
      new Expressions({ ...contextsOf(options, inputs, job, done), ...more }, status);
    if (!look().condition(job.if)) {
      done.set(name, { result: 'skipped', outputs: {} });
      jobs.push({ name: `${prefix}${name}`, result: 'skipped', environment: '', outputs: {} });
      continue;
    }
    let needed: Needed = { result: 'success', outputs: {} };
    for (const matrix of matrixOf(job.strategy?.matrix, look())) {
      const title = `${prefix}${name}${matrix === undefined ? '' : ` (${Object.values(matrix).join(', ')})`}`;
      const one = await runOne({ job, title, inputs, look: look({ matrix: matrix ?? {} }), matrix: matrix ?? {} });
      jobs.push(...one.jobs);
      needed = { result: worse(needed.result, one.result), outputs: { ...needed.outputs, ...one.outputs } };
    }
    done.set(name, needed);
  }
  const results = [...done.values()].map(({ result }) => result);
  const end = new Expressions({ jobs: Object.fromEntries(done), inputs }, quiet);
  const outputs = Object.entries(call?.outputs ?? {}).map(([name, { value }]) => [name, end.text(value)]);
  return { result: results.reduce(worse, 'success'), jobs, outputs: Object.fromEntries(outputs) };

  async function runOne({ job, title, inputs: given, look, matrix }: One): Promise<RanWorkflow> {
    if (job.uses !== undefined) {
      const file = join(options.workflows, job.uses.replace('./.github/workflows/', ''));
      const secrets = valuesOf(job.secrets, look) as Record<string, string>;
      return await runWorkflow({ ...options, file, inputs: valuesOf(job.with, look), secrets }, `${title} / `);
    }
    const environment = look.text(job.environment ?? '');
    const { needs, secrets } = contextsOf(options, given, job, done);
    const contexts = { needs, secrets, vars: options.vars?.(environment) ?? {}, matrix };
    const ran = await runSteps({ ...options, actionFolder: options.workspace, with: {}, contexts }, job, given);
    const one = { name: title, result: ran.conclusion, environment, outputs: ran.outputs, ran };
    return { result: ran.conclusion, jobs: [one], outputs: ran.outputs };
  }
}

interface One {
  job: WorkflowJob;
  title: string;
  inputs: Readonly<Record<string, unknown>>;
  look: Expressions;
  matrix: Readonly<Record<string, unknown>>;
}

const quiet: StatusFunctions = { success: true, failure: false, cancelled: false };

function contextsOf(options: WorkflowOptions, inputs: object, { needs }: WorkflowJob, done: Map<string, Needed>) {
  return {
    github: { repository: 'owner/caller', ...options.github, event: options.event ?? {} },
    inputs,
    secrets: options.secrets ?? {},
    vars: {},
    needs: Object.fromEntries(needs.map((name) => [name, done.get(name) ?? { result: 'skipped', outputs: {} }])),
  };
}

/** `success()` wants all of the needed to have succeeded, `failure()` one of all before it to have failed. */
function statusOf(
  { needs }: WorkflowJob,
  { jobs }: WorkflowFile,
  done: Map<string, Needed>,
  { cancel }: WorkflowOptions,
): StatusFunctions {
  const before = (names: readonly string[]): string[] =>
    names.flatMap((name) => [name, ...before(jobs[name]?.needs ?? [])]);
  const result = (name: string) => done.get(name)?.result;
  return {
    success: cancel?.aborted !== true && needs.every((name) => result(name) === 'success'),
    failure: before(needs).some((name) => result(name) === 'failure'),
    cancelled: cancel?.aborted === true,
  };
}

function inOrder({ jobs }: WorkflowFile): [string, WorkflowJob][] {
  const left = new Map(Object.entries(jobs));
  const order: [string, WorkflowJob][] = [];
  while (left.size > 0) {
    const next = [...left].find(([, { needs }]) => needs.every((name) => !left.has(name)));
    if (next === undefined) throw new Error(`jobs need each other in a circle: ${[...left.keys()].join(', ')}`);
    left.delete(next[0]);
    order.push(next);
  }
  return order;
}

const defaultsOf = (inputs: WorkflowInputs): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(inputs ?? {}).map(([name, input]) => [
      name,
      input?.default ?? (input?.type === 'boolean' ? false : ''),
    ]),
  );

const valuesOf = (given: WorkflowJob['with'], look: Expressions): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, typeof value === 'string' ? look.value(value) : value]),
  );

function worse(one: Outcome, other: Outcome): Outcome {
  const ranks: readonly Outcome[] = ['skipped', 'success', 'cancelled', 'failure'];
  return ranks.indexOf(other) > ranks.indexOf(one) ? other : one;
}
