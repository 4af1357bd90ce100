import { randomBytes } from 'node:crypto';
import * as core from '@actions/core';
import type { Inputs } from './inputs.ts';
import { reportFolder } from './report-folder.ts';
import type { Step } from './step.ts';

/** Gives the run its id before anything is done: the finalize step must find what the run wrote even if it is killed. */
export function beginRun(step: Step): { runId: string; folder: string } {
  const runId = randomBytes(4).toString('hex');
  core.setOutput('run-id', runId);
  const folder = reportFolder(step.env, runId);
  core.setOutput('report-folder', folder);
  tellUnread(step);
  step.log.line(`${step.inputs.command}, run ${runId}`);
  return { runId, folder };
}

/** Workflows pass one `with:` for every command. A notice names the inputs that this command does not read. */
function tellUnread({ inputs, log }: Step): void {
  const readers: Partial<Record<keyof Inputs, Inputs['command']>> = {
    through: 'upgrade',
    plan: 'upgrade',
    replan: 'upgrade',
    rejudge: 'upgrade',
    'remove-new': 'rollback',
    holder: 'unlock',
    offline: 'check',
    inventory: 'rehearse',
  };
  for (const [input, command] of Object.entries(readers)) {
    const value = inputs[input as keyof Inputs];
    if (value !== undefined && value !== 'false' && inputs.command !== command)
      log.annotate('notice', 'Input not used', `${input} is for command ${command} only.`);
  }
}
