import { check } from '../engine/check.ts';
import { isProblem } from '../model/finding.ts';
import { type OutcomeKind, outcomes } from '../model/outcome.ts';
import { checkVerdict, renderCheck } from '../report/render-check.ts';
import { connectWithConfig } from './connect.ts';
import type { ConfiguredOptions } from './options.ts';
import { outcomeOf, type Verb } from './verb.ts';

/** `check`: exit code 3 when something blocks. */
export const checkVerb: Verb<ConfiguredOptions> = async (options, caller) => {
  const { run, config, name, close } = await connectWithConfig(options, caller, 'check');
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
        next: run.command(blocked ? 'check' : 'upgrade'),
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
};
