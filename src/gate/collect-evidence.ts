import type { AskedQuery, Evidence, GateEvidence, GateName } from '../model/evidence.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import { messageOf } from '../model/upgrade-error.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { answerOf } from './answer-of.ts';
import { answered, askedOnce, type Question, type Reading } from './asking.ts';
import type { Begun, Look } from './gate.ts';
import { evidenceOf, ofEachGate } from './gates/gates.ts';
import type { Memory } from './remember.ts';
import { settingsFor } from './scrape-interval.ts';

/** Of which wave. Times are the cluster's, Unix milliseconds. */
export type Occasion = Omit<Look, 'until' | 'settings' | 'watched' | 'begun' | 'memory'>;

/** What the waves of one turn have in common. */
export interface Turn {
  now: number;
  /** All waves that have begun, whether they are looked at or not. */
  begun: readonly Begun[];
}

const memories = new WeakMap<Metrics, Memory>();

/**
 * Asks Prometheus for everything that the verdicts on these waves need. Judges nothing: what fails is written down as distrust.
 * Prometheus is the memory: counts are growths of counters in windows that end now, so a resumed run loses nothing. What the waves
 * ask alike is asked once.
 */
export async function collectEvidence(
  metrics: Metrics,
  occasions: readonly Occasion[],
  { now, begun }: Turn,
  settings: GateSettings,
): Promise<readonly Evidence[]> {
  const memory = memories.get(metrics) ?? new Map<string, unknown>();
  memories.set(metrics, memory);
  const watched = [...new Set(occasions.flatMap(({ namespaces }) => namespaces))].sort();
  const asked = askedOnce((question: Question) => reply(metrics, question));
  return Promise.all(
    occasions.map((occasion) => evidenceOn({ ...occasion, until: now, settings, watched, begun, memory }, asked)),
  );
}

/** An answer, with what speaks against it. */
interface Reply {
  series: Reading;
  distrust: readonly string[];
}

async function reply(metrics: Metrics, question: Question): Promise<Reply> {
  try {
    const { series, warnings } = await answerOf(metrics, question);
    return { series, distrust: warnings.map(warned) };
  } catch (failure) {
    return { series: undefined, distrust: [messageOf(failure)] };
  }
}

const warned = (warning: string) => `Prometheus warns: ${warning}`;

async function evidenceOn(look: Look, asked: (question: Question) => Promise<Reply>): Promise<Evidence> {
  const { wave, readyAt, startedAt, passed, until, pods, settings } = look;
  const mode = readyAt === undefined ? 'moving' : passed ? 'watch' : 'bake';
  const begin = readyAt ?? startedAt;
  const facts = {
    wave,
    mode,
    since: mode === 'watch' ? Math.max(begin, until - settings.watchMs) : begin,
    until,
    readyAt: begin,
    pods: pods.size,
    workloads: new Set(pods.values()).size,
  } as const;
  if (until <= begin)
    return {
      ...facts,
      gates: evidenceOf(({ nothing }) => nothing),
      distrust: ['there is no sample since it was ready'],
    };
  const distrust = new Set<string>();
  const reading = async (question: Question): Promise<Reading> => {
    const answer = await asked(question);
    for (const reason of answer.distrust) distrust.add(reason);
    return answer.series;
  };
  const adapted = { ...look, settings: await answered(settingsFor(look), reading) };
  const { gates, queries } = await countEach(adapted, reading);
  return { ...facts, gates, distrust: [...distrust].slice(0, 5), queries };
}

async function countEach(
  look: Look,
  reading: (question: Question) => Promise<Reading>,
): Promise<Required<Pick<Evidence, 'gates' | 'queries'>>> {
  const counts = await Promise.all(
    ofEachGate(async (gate, name) => {
      const asked: AskedQuery[] = [];
      const counted = await answered(gate.count(look), (question) => {
        asked.push(askedQuery(question, look.until));
        return reading(question);
      });
      return { name, counted, asked };
    }),
  );
  return {
    gates: Object.fromEntries(counts.map(({ name, counted }) => [name, counted])) as unknown as GateEvidence,
    queries: Object.fromEntries(counts.map(({ name, asked }): [GateName, AskedQuery[]] => [name, asked])),
  };
}

const askedQuery = ({ query, at, range }: Question, now: number): AskedQuery =>
  range === undefined ? { query, at: at ?? now } : { query, at: range.end, from: range.start, stepMs: range.stepMs };
