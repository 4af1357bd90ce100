import { loadConfig } from '../config/load-config.ts';
import { checkConnected } from './check.ts';
import { connectFor } from './connect.ts';
import { draftConfig } from './draft-config.ts';
import { describeProposal, remarks, usualConfig } from './init.ts';
import type { Verb } from './verb.ts';

/** `check` without a config: whether the mesh is ready at all, by the config that `init` would write. */
export const checkProposal: Verb = async (options, caller) => {
  const { text, proposal } = await draftConfig(options, caller);
  // The cluster has been named.
  const quiet = { ...caller, receive: () => undefined };
  const init = caller.command('init');
  const connected = await connectFor(loadConfig(text, usualConfig), options, quiet, 'check');
  const checked = await checkConnected(connected, init);
  return {
    ...checked,
    lines: [
      `Without a config: checked with the one that \`${init}\` writes: ${describeProposal(proposal)}.`,
      ...remarks(proposal),
      ...checked.lines,
    ],
    document: { ...checked.document, proposed: text },
  };
};
