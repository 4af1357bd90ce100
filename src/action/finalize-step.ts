import type { Aftermath } from '../engine/finalize.ts';
import { TimedOut } from '../engine/reasons.ts';
import { verbs } from '../verbs/index.ts';

import { carryOut } from './carry-out.ts';
import { type Environment, fromActionYml } from './environment.ts';
import type { Inputs } from './inputs.ts';
import { endOrphans } from './orphans.ts';
import { noOutputs } from './outputs.ts';
import { reportFolder } from './report-folder.ts';
import { outputsOf, type Step } from './step.ts';
import { verbOptions } from './verb-options.ts';

/** GitHub ends what still runs five minutes after a cancel. */
const budgetMs = 240_000;

/** Outcomes after which nothing is left to do: the run ended by itself and set its outputs. */
const ownEnds = new Set([
  'completed',
  'reached',
  'nothing-to-do',
  'blocked',
  'held',
  'rolled-back',
  'waiting',
  'rollback-held',
  'usage',
]);

/** The step `finalize` of action.yml, after a run step that did not succeed: does what `on` in the config says. */
export async function finalizeStepOfAction(step: Step, host: NodeJS.Process): Promise<number> {
  const { inputs, env, log, put } = step;
  const runId = env[fromActionYml.runId] ?? '';
  const runOutcome = env[fromActionYml.runOutcome] ?? '';
  for (const name of await endOrphans(runId)) log.line(`Ended ${name}, which the run had left behind.`);
  if (ownEnds.has(runOutcome)) {
    log.line(`The run ended by itself: ${runOutcome}. Nothing is left to do.`);
    return 0;
  }
  if (env[fromActionYml.runReason] === TimedOut.definition.code) {
    log.line('The time of the run was up: it holds. Run it again to resume.');
    return 0;
  }
  const after = aftermathOf(env);
  // A run that was killed could not set its outputs.
  if (runOutcome === '') put({ ...noOutputs, outcome: after === 'cancelled' ? 'interrupted' : 'internal' });
  if (!isLeftOpen(inputs) || runId === '') {
    log.line(`The run was ${after} and had changed nothing.`);
    return 0;
  }
  log.line(`Run ${runId} was ${after}: doing what the config says about that.`);
  const { exitCode, outcome } = await carryOut(step, host, {
    verb: 'finalize',
    options: { ...verbOptions(inputs, env), after, run: runId },
    runId: `${runId}-finalize`,
    ends: runId,
    name: 'finalize',
    folder: reportFolder(env, runId),
    budgetMs,
  });
  // The outputs of the run say how far it came, and nothing has changed since.
  const keepsOutputs = outcome.kind === 'nothing-to-do' || (after === 'unreachable' && outcome.kind === 'held');
  if (!keepsOutputs) put(outputsOf(outcome));
  return exitCode;
}

const isLeftOpen = ({ command, 'dry-run': dryRun }: Inputs): boolean =>
  command !== 'rehearse' && verbs[command].changes && dryRun !== 'true';

/** A cancelled job ends its steps with signals; any other failure of the step is its own. */
function aftermathOf(env: Environment): Aftermath {
  if (env[fromActionYml.runOutcome] === 'unreachable') return 'unreachable';
  const cancelled = env[fromActionYml.runStep] === 'cancelled' || env[fromActionYml.runOutcome] === 'interrupted';
  return cancelled ? 'cancelled' : 'failed';
}
