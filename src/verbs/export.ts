import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { hashNames } from '../inventory/hash-names.ts';
import { takeInventory } from '../inventory/take-inventory.ts';
import { connect } from './connect.ts';
import { outcomeOf, type Verb } from './verb.ts';

/** `export`: what a rehearsal elsewhere needs to know of the mesh, as JSON; without `--out` on stdout. */
export const exportVerb: Verb = async (options, caller) => {
  const { run, cluster, config, close } = await connect(options, caller, 'look');
  try {
    const taken = await takeInventory({
      cluster,
      istioNamespace: config?.mesh.namespace ?? options.istioNamespace ?? 'istio-system',
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
