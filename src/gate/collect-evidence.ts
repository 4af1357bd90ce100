import type { AskedQuery, Evidence, GateEvidence, GateName } from '../model/evidence.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import { messageOf } from '../model/upgrade-error.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { answerOf } from './answer-of.ts';
import { type Asking, answeredTogether, type Question, type Reading, sideBySide } from './asking.ts';
import type { Begun, Look } from './gate.ts';
import { evidenceOf, ofEachGate } from './gates/gates.ts';
import { memoryOf } from './remember.ts';
import { settingsFor } from './scrape-interval.ts';
import { scrapedIn } from './scraped-pods.ts';
import { type Reply, sendGrouped } from './send-grouped.ts';

/** Of which wave. Times are the cluster's, Unix milliseconds. */
export type Occasion = Omit<Look, 'until' | 'settings' | 'together' | 'scraped' | 'begun' | 'memory'>;

/** What the waves of one turn have in common. */
export interface Turn {
  now: number;
  /** All waves that have begun, whether they are looked at or not. */
  begun: readonly Begun[];
}

/**
 * Asks Prometheus for everything that the verdicts on these waves need. Judges nothing: what fails is written down as distrust.
 * Prometheus is the memory: counts are growths of counters in windows that end now, so a resumed run loses nothing. The number of queries
 * does not depend on the number of waves, but for what lies before a wave, which is asked for once.
 */
export async function collectEvidence(
  metrics: Metrics,
  occasions: readonly Occasion[],
  { now, begun }: Turn,
  settings: GateSettings,
): Promise<readonly Evidence[]> {
  const reply = sendGrouped((question) => replyOf(metrics, question));
  const ask = <Result>(askings: readonly Asking<Result, Reply>[]) => answeredTogether(sideBySide(askings, now), reply);
  const turn = { until: now, begun, settings, memory: memoryOf(metrics) };
  const seen = occasions.filter((occasion) => now > beginOf(occasion) && !occasion.empty);
  // Gateways share namespaces with other waves.
  const groups = [...Map.groupBy(seen, ({ only }) => only !== undefined).values()];
  const prepared = await ask(groups.map((group) => noting(looksAt(group, turn))));
  const looks = prepared.flatMap(({ result, distrust }) => result.map((each) => ({ ...each, distrust })));
  const counted = await ask(looks.map((each) => noting(countEach(each))));
  const found = new Map(
    looks.map(({ look, distrust: before }, index) => {
      const { result, distrust = [] } = counted[index] ?? {};
      return [look.wave, { ...result, distrust: [...new Set([...before, ...distrust])].slice(0, 5) }];
    }),
  );
  return occasions.map((occasion) => ({
    ...factsOf(occasion, now, settings),
    ...(occasion.empty ? nothingThere : unseen),
    ...found.get(occasion.wave),
  }));
}

const beginOf = ({ readyAt, startedAt }: Occasion): number => readyAt ?? startedAt;

const unseen: Pick<Evidence, 'gates' | 'distrust'> = {
  gates: evidenceOf(({ nothing }) => nothing),
  distrust: ['there is no sample since it was ready'],
};

const nothingThere: Pick<Evidence, 'gates' | 'distrust' | 'empty'> = { ...unseen, empty: true, distrust: [] };

function factsOf(occasion: Occasion, now: number, { watchMs }: GateSettings): Omit<Evidence, 'gates' | 'distrust'> {
  const { wave, readyAt, passed, pods } = occasion;
  const mode = readyAt === undefined ? 'moving' : passed ? 'watch' : 'bake';
  const begin = beginOf(occasion);
  return {
    wave,
    mode,
    since: mode === 'watch' ? Math.max(begin, now - watchMs) : begin,
    until: now,
    readyAt: begin,
    pods: pods.size,
    workloads: new Set(pods.values()).size,
  };
}

async function replyOf(metrics: Metrics, question: Question): Promise<Reply> {
  try {
    const { series, warnings } = await answerOf(metrics, question);
    return { series, distrust: warnings.map(warned) };
  } catch (failure) {
    return { series: undefined, distrust: [messageOf(failure)] };
  }
}

const warned = (warning: string) => `Prometheus warns: ${warning}`;

/** A computation beside what speaks against the answers that it got. */
function* noting<Result>(
  asking: Asking<Result, Reading>,
): Asking<{ result: Result; distrust: readonly string[] }, Reply> {
  const distrust = new Set<string>();
  let step = asking.next();
  while (step.done !== true) {
    const replies = yield step.value;
    for (const reason of replies.flatMap((reply) => reply.distrust)) distrust.add(reason);
    step = asking.next(replies.map(({ series }) => series));
  }
  return { result: step.value, distrust: [...distrust] };
}

interface Prepared {
  look: Look;
  /** By which it is known that its pods are scraped. */
  asked: readonly Question[];
}

/** What must be known before anything can be counted: how often the pods of each wave are scraped, and which of them are. */
function* looksAt(
  occasions: readonly Occasion[],
  turn: Pick<Look, 'until' | 'begun' | 'memory' | 'settings'>,
): Asking<readonly Prepared[], Reading> {
  const settings = yield* sideBySide(
    occasions.map((occasion) => settingsFor({ ...occasion, ...turn })),
    turn.until,
  );
  const together = {
    namespaces: [...new Set(occasions.flatMap(({ namespaces }) => namespaces))].sort(),
    pods: new Set(occasions.flatMap(({ pods }) => [...pods.keys()])),
  };
  const { result: scraped, asked } = yield* recording(scrapedIn(together, turn.until, turn));
  return occasions.map((occasion, index) => ({
    look: { ...occasion, ...turn, settings: settings[index] ?? turn.settings, together, scraped },
    asked,
  }));
}

/** What each gate counts, beside the questions that it asked: as they are, however they are sent. */
function* countEach({ look, asked }: Prepared): Asking<Required<Pick<Evidence, 'gates' | 'queries'>>, Reading> {
  const counts = yield* sideBySide(
    ofEachGate((gate, name) => named(name, gate.count(look))),
    look.until,
  );
  const queries = counts.map(({ name, asked: own }): [GateName, AskedQuery[]] => [
    name,
    (name === 'freshness' ? asked : own).map((question) => askedQuery(question, look.until)),
  ]);
  return {
    gates: Object.fromEntries(counts.map(({ name, result }) => [name, result])) as unknown as GateEvidence,
    queries: Object.fromEntries(queries),
  };
}

function* named(name: GateName, asking: Asking<unknown, Reading>) {
  return { name, ...(yield* recording(asking)) };
}

/** A computation beside what it asked. */
function* recording<Result, Reply>(
  asking: Asking<Result, Reply>,
): Asking<{ result: Result; asked: readonly Question[] }, Reply> {
  const asked: Question[] = [];
  let step = asking.next();
  while (step.done !== true) {
    asked.push(...step.value);
    step = asking.next(yield step.value);
  }
  return { result: step.value, asked };
}

const askedQuery = ({ query, at, range }: Question, now: number): AskedQuery =>
  range === undefined ? { query, at: at ?? now } : { query, at: range.end, from: range.start, stepMs: range.stepMs };
