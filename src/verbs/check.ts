import type { Config } from '../config/config.ts';
import { check } from '../engine/check.ts';
import { isProblem } from '../model/finding.ts';
import { type OutcomeKind, outcomes } from '../model/outcome.ts';
import { checkVerdict, renderCheck } from '../report/render-check.ts';
import { type Connected, connectWithConfig } from './connect.ts';
import type { ConfiguredOptions } from './options.ts';
import { type Ended, outcomeOf, type Verb } from './verb.ts';

/** `check`: exit code 3 when something blocks. */
export const checkVerb: Verb<ConfiguredOptions> = async (options, caller) => {
  const connected = await connectWithConfig(options, caller, 'check');
  return await checkConnected(connected, connected.run.command('upgrade'));
};

/** @param next what to type if nothing blocks */
export async function checkConnected({ run, config, name, close }: Connected<Config>, next: string): Promise<Ended> {
  try {
    const checked = await check(run, config);
    const { blocked, hash: plan, findings } = checked;
    const kind: OutcomeKind = blocked ? 'blocked' : 'completed';
    return {
      exitCode: outcomes[kind].exitCode,
      outcome: outcomeOf({
        kind,
        message: checkVerdict(checked),
        stage: 'precheck',
        revision: checked.plan.from,
        problems: findings.filter(isProblem),
        next: blocked ? run.command('check') : next,
      }),
      lines: renderCheck(checked),
      document: { cluster: name, blocked, plan, findings },
      findings,
      cluster: name,
      checked,
    };
  } finally {
    await close();
  }
}
