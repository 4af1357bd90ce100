import { upgrade } from '../engine/upgrade.ts';
import { readConfig } from './connect.ts';
import { runVerb } from './run-verb.ts';
import type { CliOptions, Terminal } from './terminal.ts';

/** `upgrade`: forward from wherever the cluster is, up to `--through`. */
export async function upgradeCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  return await runVerb(options, terminal, async ({ run, config }) =>
    upgrade(run, config ?? readConfig(options.config ?? ''), {
      ...(options.through === undefined ? {} : { through: options.through }),
      ...(options.plan === undefined ? {} : { expectPlan: options.plan }),
      ...(options.replan === undefined ? {} : { replan: options.replan }),
      ...(options.rejudge === undefined ? {} : { rejudge: options.rejudge }),
    }),
  );
}
