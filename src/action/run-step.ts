import { beginRun } from './begin-run.ts';
import { carryOut } from './carry-out.ts';
import { offlineCheck } from './offline-check.ts';
import { outputsOf, type Step } from './step.ts';
import { tellGitHub } from './tell-github.ts';
import { verbOptions } from './verb-options.ts';

/** The step `run` of action.yml: the verb that the inputs ask for. */
export async function runStepOfAction(step: Step, host: NodeJS.Process): Promise<number> {
  const { inputs, env } = step;
  const verb = inputs.command;
  if (verb === 'rehearse') throw new Error('action.yml starts another bundle for a rehearsal');
  const { runId, folder } = beginRun(step);
  const options = verbOptions(inputs, env);
  if (inputs.offline === 'true') return await offlineCheck(step);
  const name = options.dryRun === true ? `${verb}, dry run` : verb;
  const ended = await carryOut(step, host, { verb, options, runId, name, folder });
  step.put(outputsOf(ended.outcome));
  await tellGitHub(step, { ended });
  return ended.exitCode;
}
