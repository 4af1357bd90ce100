import { upgrade } from '../engine/upgrade.ts';
import { changingVerb } from './changing-verb.ts';
import { checkVerb } from './check.ts';
import { connectWithConfig } from './connect.ts';
import type { ConfiguredOptions } from './options.ts';
import { planVerb } from './plan.ts';
import type { Verb } from './verb.ts';

/** `upgrade`: forward from wherever the cluster is, up to `--through`. */
export const upgradeVerb: Verb<ConfiguredOptions> = (options, caller) =>
  options.dryRun === true ? rehearsed(options, caller) : upgraded(options, caller);

const upgraded = changingVerb(connectWithConfig, ({ run, config }, options) =>
  upgrade(run, config, {
    ...(options.through === undefined ? {} : { through: options.through }),
    ...(options.plan === undefined ? {} : { expectPlan: options.plan }),
    ...(options.replan === undefined ? {} : { replan: options.replan }),
    ...(options.rejudge === undefined ? {} : { rejudge: options.rejudge }),
  }),
);

/** What would be done, then everything that could stop it. */
const rehearsed: Verb<ConfiguredOptions> = async (options, caller) => {
  const planned = await planVerb(options, caller);
  // The cluster has been named.
  const checked = await checkVerb(options, { ...caller, receive: () => undefined });
  return {
    ...checked,
    lines: [...planned.lines, '', ...checked.lines],
    document: { ...planned.document, ...checked.document },
  };
};
