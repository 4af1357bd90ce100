import { type ActionFile, type ActionStep, readAction } from './action-file.ts';
import { expressionsOf, type Scope } from './contexts.ts';
import type { Job, Outcome, RanStep, Status } from './job.ts';
import { localPlace, type Place, repositoryOf } from './references.ts';
import { runScript } from './run-script.ts';
import { runStep, type Work } from './run-step.ts';
import type { StepLog } from './step-log.ts';

export interface Composite {
  conclusion: Status;
  outputs: Readonly<Record<string, string>>;
  steps: readonly RanStep[];
}

export interface Call {
  /** The action that is called. */
  place: Place;
  inputs: Readonly<Record<string, string>>;
  /** `env:` of the calling steps. */
  env: Readonly<Record<string, string>>;
  /** Of the calling step. */
  log: StepLog;
}

/** Runs the steps of a composite action. Its outputs are evaluated however they ended. */
export async function runComposite(job: Job, action: ActionFile, call: Call): Promise<Composite> {
  const scope: Scope = { place: call.place, inputs: {}, env: call.env, steps: [], status: 'success' };
  scope.inputs = inputsOf(job, action, scope, call);
  // A cancel between two steps does not change the status: the next one runs if its condition says success().
  for (const step of action.runs.steps) if (await runNext(job, step, scope)) break;
  const { steps } = scope;
  try {
    const end = expressionsOf(job, scope);
    const values = Object.entries(action.outputs).map(([name, { value }]) => [name, end.text(value)]);
    return { conclusion: scope.status, outputs: Object.fromEntries(values) as Record<string, string>, steps };
  } catch (failure) {
    call.log.complain('error', (failure as Error).message);
    return { conclusion: 'failure', outputs: {}, steps };
  }
}

/** Runs a step and keeps what came of it. @returns whether it is the last, since its condition cannot be evaluated */
export async function runNext(job: Job, step: ActionStep, scope: Scope): Promise<boolean> {
  const { ran, isLast } = await runStep(job, step, scope, step.uses === undefined ? runScript : runUses);
  scope.steps.push(ran);
  scope.status = isLast ? 'failure' : worse(scope.status, ran.conclusion);
  return isLast;
}

/** The first cancel stays; a skipped step changes nothing (actions/runner: TaskResultUtil.cs). */
function worse(status: Status, conclusion: Outcome): Status {
  if (status === 'cancelled' || conclusion === 'success' || conclusion === 'skipped') return status;
  return conclusion;
}

/** What the caller gives comes first, and all of it: an input that is not declared is warned of, and is there all the same. */
function inputsOf(job: Job, action: ActionFile, scope: Scope, { inputs: given, log }: Call): Record<string, string> {
  const declared = new Map(Object.keys(action.inputs).map((name) => [name.toLowerCase(), name]));
  const named = Object.entries(given).map(
    ([name, value]) => [declared.get(name.toLowerCase()) ?? name, value] as const,
  );
  const inputs: Record<string, string> = Object.fromEntries(named);
  const unknown = Object.keys(inputs).filter((name) => !(name in action.inputs));
  if (unknown.length > 0)
    log.complain(
      'warning',
      `Unexpected input(s) '${unknown.join("', '")}', valid inputs are ['${Object.keys(action.inputs).join("', '")}']`,
    );
  const expressions = expressionsOf(job, scope);
  for (const [name, input] of Object.entries(action.inputs)) inputs[name] ??= expressions.text(input?.default ?? '');
  return inputs;
}

const runUses: Work = async ({ job, scope, step, env, log, cancel, expressions }) => {
  const uses = step.uses ?? '';
  const inputs = expressions.texts(step.with);
  const place = localPlace(uses, scope.place, job.options);
  if (place === undefined) {
    const standIn = job.options.standIns[repositoryOf(uses)];
    if (standIn === undefined) throw new Error(`nothing stands in for ${uses}`);
    const warn = (message: string) => log.warn(message);
    const outputs = await standIn({ inputs, workspace: job.options.workspace, warn });
    return { outcome: cancel.aborted ? 'cancelled' : 'success', outputs };
  }
  const call = { place, inputs, env: { ...scope.env, ...env }, log };
  const { conclusion, outputs, steps } = await runComposite(job, readAction(place.folder), call);
  // They have been told as they came.
  log.lines.push(...steps.map(({ log: lines }) => lines).filter((lines) => lines !== ''));
  log.annotations.push(...steps.flatMap(({ annotations }) => annotations));
  return { outcome: conclusion, outputs, summary: steps.map(({ summary }) => summary).join('') };
};
