import * as core from '@actions/core';
import { ConfigError } from '../config/config-errors.ts';
import type { Outcome } from '../model/outcome.ts';
import { neutralise } from '../report/neutralise.ts';
import type { RunReport } from '../report/run-report.ts';
import { hideSecrets, learnSecrets } from '../secrecy/hide-secrets.ts';
import { describeFailure, type Failure } from '../verbs/describe-failure.ts';
import { type Environment, fromActionYml } from './environment.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { annotationsOf, Log } from './log.ts';
import { noOutputs, type Outputs } from './outputs.ts';
import { expectSecretsAreUsed, secretsIn } from './secrets.ts';
import { StepSummary } from './step-summary.ts';

/** The steps of action.yml that run us: `main.cjs action NAME`. */
export type StepName = keyof typeof annotationsOf;

/** One step of action.yml, for the code that runs in it. */
export interface Step {
  inputs: Inputs;
  env: Environment;
  log: Log;
  summary: StepSummary;
  /** Sets some of the Action's outputs; the others stay as they are. */
  put(values: Partial<Outputs>): void;
}

/**
 * Runs one step: reads the inputs, hides the secrets, and turns everything that is thrown, an Error or not, into annotations, a
 * summary, outputs and an exit code.
 */
export async function runStep(
  name: StepName,
  host: NodeJS.Process,
  work: (step: Step) => Promise<number>,
): Promise<number> {
  const log = new Log(core, annotationsOf[name]);
  const env: Environment = host.env;
  const summary = new StepSummary(env['GITHUB_STEP_SUMMARY']);
  const put = (values: Partial<Outputs>) => {
    for (const [name, value] of Object.entries(values)) core.setOutput(name, outputValue(value));
  };
  let command = '';
  try {
    const inputs = readInputs(env[fromActionYml.inputs]);
    command = inputs.command;
    const secrets = secretsIn(inputs, env);
    learnSecrets(...secrets);
    for (const secret of secrets) core.setSecret(secret);
    expectSecretsAreUsed(inputs);
    return await work({ inputs, env, log, summary, put });
  } catch (thrown) {
    const failure = describeFailure(thrown);
    report(failure, log);
    summary.fail(command, failure);
    const { report: _kept, ...none } = noOutputs;
    put({ ...none, ...reached(summary.report), outcome: failure.kind, reason: failure.code });
    return failure.exitCode;
  } finally {
    log.endGroup();
  }
}

/** How far a run came that an error ended. */
function reached(report: RunReport | undefined): Pick<Outputs, 'stage' | 'wave' | 'verdict'> {
  const { wave = '', verdict = '' } = report?.verdicts.at(-1) ?? {};
  return { stage: report?.stages.at(-1)?.name ?? '', wave, verdict };
}

/** Workflows put outputs into shells and conditions: one line, without characters that have an effect there. */
const outputValue = (value: string): string =>
  neutralise(hideSecrets(value))
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();

/** Mistakes in the config are annotated at their lines in the pull request. */
function report(failure: Failure, log: Log): void {
  const { code, title, message, hint, state, actor, docs, trace, error } = failure;
  if (error instanceof ConfigError) {
    for (const { file, line, column, message: what, instead } of error.complaints)
      log.annotate('error', code, `${what}; ${instead}`, { file, startLine: line, startColumn: column });
  } else log.conclude('error', code, message);
  log.line(`✘ ${code}: ${title}`);
  if (error instanceof ConfigError) log.line(message);
  log.line(`  do: ${hint}`);
  log.line(`  state: ${state}`);
  log.line(`  to act: ${actor}`);
  log.line(`  docs: ${docs}`);
  if (trace !== undefined) log.line(trace);
  log.debug(() => causesOf(error));
}

/** Its causes, outermost first. */
function causesOf(error: unknown): string {
  const lines: string[] = [];
  for (let cause: unknown = error; cause instanceof Error && lines.length < 10; cause = cause.cause)
    lines.push(cause.stack ?? cause.message);
  return lines.join('\ncaused by ');
}

/** The result of a run, as outputs. */
export function outputsOf({ kind, stage, wave, verdict, revision, reason, next }: Outcome): Omit<Outputs, 'report'> {
  return { outcome: kind, stage, wave, verdict, revision, reason, 'next-command': next };
}
