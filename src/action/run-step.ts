import { randomBytes } from 'node:crypto';
import * as core from '@actions/core';
import { carryOut, reportFolder } from './carry-out.ts';
import type { Inputs } from './inputs.ts';
import { offlineCheck } from './offline-check.ts';
import { outputsOf, type Step } from './step.ts';
import { tellGitHub } from './tell-github.ts';
import { verbOptions } from './verb-options.ts';

/** The step `run` of action.yml: the verb that the inputs ask for. */
export async function runStepOfAction(step: Step, host: NodeJS.Process): Promise<number> {
  const { inputs, log, env } = step;
  const runId = randomBytes(4).toString('hex');
  // Known before anything is done: the finalize step must find this run's traces even if it is killed.
  core.setOutput('run-id', runId);
  const folder = reportFolder(env, runId);
  core.setOutput('report-folder', folder);
  const options = verbOptions(inputs, env);
  tellUnread(step);
  log.line(`${inputs.command}, run ${runId}`);
  const verb = inputs.command;
  if (inputs.offline === 'true') return await offlineCheck(step);
  const name = options.dryRun === true ? `${verb}, dry run` : verb;
  const ended = await carryOut(step, host, { verb, options, runId, name, folder });
  step.put(outputsOf(ended.outcome));
  await tellGitHub(step, { ended });
  return ended.exitCode;
}

/** Workflows pass one `with:` for every command; what this one does not read is named, so that nobody wonders. */
function tellUnread({ inputs, log }: Step): void {
  const readers: Partial<Record<keyof Inputs, Inputs['command']>> = {
    through: 'upgrade',
    plan: 'upgrade',
    replan: 'upgrade',
    rejudge: 'upgrade',
    'remove-new': 'rollback',
    holder: 'unlock',
    offline: 'check',
  };
  for (const [input, command] of Object.entries(readers)) {
    const value = inputs[input as keyof Inputs];
    if (value !== undefined && value !== 'false' && inputs.command !== command)
      log.annotate('notice', 'Input not used', `${input} is for command ${command} only.`);
  }
}
