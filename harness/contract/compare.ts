import type { ContractCase } from './contract-case.ts';
import { differences, type Observation } from './observation.ts';
import { readRecorded } from './recorded.ts';

const recorded = readRecorded();

/** Where this differs from what the real one was seen to do; a case that was never seen there differs. */
export function comparedWith({ title }: ContractCase, seen: Observation): string[] {
  if (!recorded.has(title)) return ['was never seen on the real one: npm run contract -- --backend lab --record'];
  return differences(recorded.get(title), seen);
}
