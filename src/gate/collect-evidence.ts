import type { Evidence, GateEvidence } from '../model/evidence.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import { messageOf } from '../model/upgrade-error.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { answered, askedOnce, type Question, type Reading } from './asking.ts';
import type { Look } from './gate.ts';
import { evidenceOf, ofEachGate } from './gates/gates.ts';

/** Of which wave, and when. */
export interface Occasion extends Omit<Look, 'since' | 'until' | 'settings'> {
  mode: Evidence['mode'];
  /** The cluster's clock, Unix milliseconds. */
  now: number;
}

/**
 * Asks Prometheus for everything that one verdict needs. Judges nothing: what fails is written down as distrust.
 * Prometheus is the memory: counts are differences of raw counters between two moments, so a resumed run loses nothing.
 */
export async function collectEvidence(metrics: Metrics, occasion: Occasion, settings: GateSettings): Promise<Evidence> {
  const { wave, mode, readyAt, now, pods } = occasion;
  const until = now - settings.settleMs;
  const since = mode === 'bake' ? readyAt : Math.max(readyAt, until - settings.watchMs);
  const facts = { wave, mode, since, until, readyAt, pods: pods.size };
  if (until <= since)
    return { ...facts, gates: evidenceOf(({ nothing }) => nothing), distrust: [settling(until, since, settings)] };

  const distrust: string[] = [];
  const reading = async ({ query, at }: Question): Promise<Reading> => {
    try {
      const { series, warnings } = await metrics.query(query, at);
      for (const warning of warnings) distrust.push(`Prometheus warns: ${warning}`);
      return series;
    } catch (failure) {
      distrust.push(messageOf(failure));
      return undefined;
    }
  };
  const gates = await countEach({ ...occasion, since, until, settings }, askedOnce(reading));
  return { ...facts, gates, distrust: [...new Set(distrust)].slice(0, 5) };
}

async function countEach(look: Look, reading: (question: Question) => Promise<Reading>): Promise<GateEvidence> {
  const counts = await Promise.all(
    ofEachGate(async (gate, name) => [name, await answered(gate.count(look), reading)] as const),
  );
  return Object.fromEntries(counts) as unknown as GateEvidence;
}

function settling(until: number, since: number, { intervalMs }: GateSettings): string {
  return `settling: the first sample that counts is ${Math.ceil((since - until + intervalMs) / 1000)} s away`;
}
