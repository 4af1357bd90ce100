import { finalize } from '../engine/finalize.ts';
import { changingVerb } from './changing-verb.ts';
import { connectAnyway } from './connect.ts';

/** `finalize`: after a run that was cancelled or died, what the policy says. */
export const finalizeVerb = changingVerb(
  connectAnyway,
  ({ run, config }, options) =>
    finalize(run, config?.on, {
      after: options.after ?? 'cancelled',
      ...(options.run === undefined ? {} : { writer: options.run }),
    }),
  { scopeOf: () => 'rollback' },
);
