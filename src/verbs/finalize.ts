import type { Policy } from '../config/config.ts';
import { finalize } from '../engine/finalize.ts';
import { changingVerb } from './changing-verb.ts';

/** Without a config no policy asks for a rollback; a rollback that was begun continues in any case. */
const holdAll: Policy = { failure: 'hold', cancel: 'hold', inconclusive: 'hold' };

/** `finalize`: after a run that was cancelled or died, what the policy says. */
export const finalizeVerb = changingVerb(
  ({ run, config }, options) =>
    finalize(run, config?.on ?? holdAll, {
      after: options.after ?? 'cancelled',
      ...(options.run === undefined ? {} : { writer: options.run }),
    }),
  { scopeOf: () => 'rollback' },
);
