import { exitCodes } from '../engine/outcome.ts';
import { planFor } from '../engine/plan-for.ts';
import { hashPlan } from '../plan/make-plan.ts';
import { renderFinding } from '../report/render-event.ts';
import { renderPlan } from '../report/render-plan.ts';
import { connect, readConfig } from './connect.ts';
import type { CliOptions, Terminal } from './terminal.ts';

/** `plan`: what an upgrade would do; writes nothing. */
export async function planCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  const { run, config, close } = await connect(options, terminal, () => undefined, 'look');
  try {
    const { plan, problems, resumed } = await planFor(
      run,
      config ?? readConfig(options.config ?? ''),
      await run.journal.load(),
    );
    const hash = hashPlan(plan);
    if (options.output === 'json') terminal.out(JSON.stringify({ hash, resumed, plan, problems }, null, 2));
    else terminal.out([...renderPlan(plan, hash, resumed), ...problems.flatMap(renderFinding)].join('\n'));
    return problems.length > 0 ? exitCodes.blocked.code : 0;
  } finally {
    await close();
  }
}
