import * as z from 'zod';
import { journalStates, ourSelector } from '../../model/journal.ts';
import { messageOf } from '../../model/upgrade-error.ts';
import type { OtherUpgrade } from '../../model/world.ts';
import { ConfigMaps } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { ConfigMap } from '../../ports/objects.ts';
import { textOf } from '../journal-text.ts';

/** As much of a journal as says which revisions its upgrade needs; the same in every release of this tool. */
const form = z.object({
  state: z.enum(journalStates),
  plan: z.object({ tag: z.string(), from: z.string(), to: z.string() }),
  held: z.object({ code: z.string() }).optional(),
});

/** The unfinished upgrades of other tags, by their journals. @throws Error for a journal that cannot be read: it may be one of them */
export async function observeOtherUpgrades(
  cluster: Cluster,
  { istioNamespace, tag }: { istioNamespace: string; tag: string },
): Promise<readonly OtherUpgrade[]> {
  const objects = await cluster.list<ConfigMap>(ConfigMaps, {
    namespace: istioNamespace,
    labelSelector: ourSelector,
    fresh: true,
  });
  return objects
    .flatMap(upgradeOf)
    .filter((upgrade) => upgrade.tag !== tag && upgrade.state !== 'completed' && upgrade.state !== 'rolled-back');
}

function upgradeOf(object: ConfigMap): OtherUpgrade[] {
  const { name } = object.metadata;
  try {
    const text = textOf(object);
    if (text === undefined) return [];
    const { state, plan, held } = form.parse(JSON.parse(text));
    return [{ ...plan, state, ...(held === undefined ? {} : { heldBy: held.code }) }];
  } catch (failure) {
    throw new Error(`ConfigMap ${name} is not a journal: ${messageOf(failure).split('\n')[0]}`, { cause: failure });
  }
}
