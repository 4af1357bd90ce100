import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { hashNames } from '../inventory/hash-names.ts';
import { takeInventory } from '../inventory/take-inventory.ts';
import { connectAnyway, connectWithConfig } from './connect.ts';
import { outcomeOf, type Verb } from './verb.ts';

/** `export`: what a rehearsal elsewhere needs to know of the mesh, as JSON; without `--out` on stdout. */
export const exportVerb: Verb = async (options, caller) => {
  // What the gate measures is part of the inventory, so that a config with a mistake is refused.
  const { config: file } = options;
  const { run, cluster, istioNamespace, config, close } = await (file === undefined
    ? connectAnyway(options, caller, 'look')
    : connectWithConfig({ ...options, config: file }, caller, 'look'));
  try {
    const taken = await takeInventory({
      cluster,
      istioNamespace,
      tag: run.tag,
      ...(config === undefined ? {} : { gate: { metrics: run.ports.metrics, settings: config.gate } }),
    });
    const inventory = options.hashNames === true ? hashNames(taken, randomBytes(16).toString('hex')) : taken;
    const text = JSON.stringify(inventory, null, 2);
    if (options.out !== undefined) writeFileSync(options.out, `${text}\n`);
    const { workloads, namespaces, unread } = inventory;
    const message = `${workloads.length} workloads in ${namespaces.length} namespaces${unread.length === 0 ? '' : `; not read: ${unread.join('; ')}`}`;
    return {
      exitCode: 0,
      outcome: outcomeOf({ kind: 'completed', message }),
      lines: options.out === undefined ? text.split('\n') : [`${options.out}: ${message}`],
      document: inventory,
      findings: [],
    };
  } finally {
    await close();
  }
};
