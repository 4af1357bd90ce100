import { differences, type Observation } from './observation.ts';
import { readRecorded, type Suite } from './recorded.ts';

/** Says where an observation differs from what the real one was seen to do; a case that was never seen there differs. */
export function comparer(suite: Suite): (title: string, seen: Observation) => string[] {
  const recorded = readRecorded(suite);
  return (title, seen) =>
    recorded.has(title)
      ? differences(recorded.get(title), seen)
      : [`was never seen on the real one (--backend lab --record); here ${JSON.stringify(seen)}`];
}
