import { isFresh } from '../fresh.ts';
import type { Gate } from '../gate.ts';

/** Whether every pod of the wave is scraped now: its evidence is how many are. Without them no number is trusted. */
export const freshness: Gate<number> = {
  label: 'fresh samples',
  about: 'telemetry',
  nothing: 0,
  // Which pods are scraped was asked before, since other gates count by it.
  *count(look) {
    const isFreshNow = isFresh(look);
    return [...look.pods.keys()].filter((pod) => isFreshNow({ value: look.scraped.at.get(pod) ?? 0 })).length;
  },
  judge: () => [],
  blindness: (seen, { pods }) => {
    if (pods === 0) return 'no pod of the wave runs the new revision';
    return seen < pods ? `${freshness.label} of ${seen} of ${pods} pods` : undefined;
  },
  // Until the wave has restarted, its pods are those whose requests the server side asks for.
  inspect: () => [],
};
