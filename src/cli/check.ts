import { check } from '../engine/check.ts';
import { exitCodes } from '../engine/outcome.ts';
import { renderCheck } from '../report/render-check.ts';
import { connect, readConfig } from './connect.ts';
import type { CliOptions, Terminal } from './terminal.ts';

/** `check`: exit code 3 when something blocks. */
export async function checkCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  const { run, config, close } = await connect(options, terminal, () => undefined, 'upgrade');
  try {
    const checked = await check(run, config ?? readConfig(options.config ?? ''));
    const { blocked, hash: plan, findings } = checked;
    if (options.output === 'json') terminal.out(JSON.stringify({ blocked, plan, findings }, null, 2));
    else terminal.out(renderCheck(checked).join('\n'));
    return blocked ? exitCodes.blocked.code : 0;
  } finally {
    await close();
  }
}
