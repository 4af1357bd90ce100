import { finalize } from '../engine/finalize.ts';
import { readConfig } from './connect.ts';
import { runVerb } from './run-verb.ts';
import type { CliOptions, Terminal } from './terminal.ts';

/** `finalize`: after a run that was killed or cancelled, what the policy says. */
export async function finalizeCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  return await runVerb(
    options,
    terminal,
    async ({ run, config }) => await finalize(run, (config ?? readConfig(options.config ?? '')).on),
  );
}
