import type { MissingTraffic } from '../../model/evidence.ts';
import { percent } from '../../model/percent.ts';
import type { Series } from '../../ports/prometheus.ts';
import { type Asking, type Reading, read } from '../asking.ts';
import type { Gate, Judgement, Look } from '../gate.ts';
import { historyMs } from '../history.ts';
import { increaseOf, selector } from '../increase.ts';
import { gone, less, missingElsewhere } from '../missing.ts';
import { rememberOfWave } from '../remember.ts';
import { restMatchers } from '../rest.ts';
import { mainView, partOf } from '../views.ts';
import { workloadNamed } from '../workload-named.ts';

/**
 * Requests that do not exist any more: a release that loses them on the way has no errors. Compared with the least that each workload
 * served in the same time in the hours before. If the rest of the mesh has less traffic too, the cause is elsewhere.
 */
export const missingTraffic: Gate<readonly MissingTraffic[]> = {
  label: 'missing traffic',
  about: 'traffic',
  nothing: [],
  count,
  // Of pods that are not scraped it is unknown what they serve.
  judge: (workloads, _, { gates, pods }) => (gates.freshness < pods ? [] : workloads.flatMap(judge)),
  // Whether a wave has traffic at all, the gate of the server side asks.
  inspect: () => [],
};

const shortMs = 2 * 60_000;
const longMs = 5 * 60_000;
/** Of fewer requests in the quietest time, an absence says nothing. */
const fewest = { short: 30, long: 100 };
function judge({ part, left, least, ms, rest }: MissingTraffic): readonly Judgement[] {
  const { isElsewhere, why } = missingElsewhere(rest);
  const isGone = ms === shortMs && left <= gone * least;
  return [
    {
      verdict: isGone && !isElsewhere ? 'fail' : 'inconclusive',
      part,
      value: `${Math.round(left)} requests in ${ms / 60_000} min, ${percent(left / least)} of the least of the hours before${why}`,
      limit: `${percent(isGone ? gone : less)} of ${Math.round(least)}`,
    },
  ];
}

function* count(look: Look): Asking<readonly MissingTraffic[], Reading> {
  const { readyAt, until } = look;
  // The pods of before must be out of the window.
  if (readyAt === undefined || until - readyAt < shortMs + look.settings.settleMs) return [];
  const past = yield* rememberOfWave(look, 'least', () => leastOf(look));
  if (past === undefined || past.workloads.size === 0) return [];
  const now = (query: string) => ({ query, at: until, group: missingTraffic.label });
  const hasLong = until - readyAt >= longMs + look.settings.settleMs;
  const [short, rest, ...[long]] = yield* read(
    now(increaseOf(requests(look, look.together.namespaces), shortMs, parts(look))),
    now(`sum (increase(${restRequests(look)}[${shortMs / 1000}s]))`),
    ...(hasLong ? [now(increaseOf(requests(look, look.together.namespaces), longMs, parts(look)))] : []),
  );
  if (short === undefined || rest === undefined) return [];
  const restLeft = past.rest > 0 ? (rest[0]?.value ?? 0) / past.rest : undefined;
  const lasts = { short: byPart(short, look), long: long === undefined ? undefined : byPart(long, look) };
  // One that was scaled to nothing serves nothing, and one with pods that are not ready serves less: its rollout says why.
  const running = new Set([...new Set(look.pods.values())].filter((id) => look.ready.has(id)).map(workloadNamed));
  return [...past.workloads].flatMap(([part, least]): MissingTraffic[] => {
    if (!running.has(part)) return [];
    const about = { part, ...(restLeft !== undefined && { rest: Math.min(1, restLeft) }) };
    const inShort = lasts.short.get(part) ?? 0;
    if (least.short >= fewest.short && inShort <= gone * least.short)
      return [{ ...about, ms: shortMs, left: inShort, least: least.short }];
    const inLong = lasts.long === undefined ? undefined : (lasts.long.get(part) ?? 0);
    if (inLong !== undefined && least.long >= fewest.long && inLong < less * least.long)
      return [{ ...about, ms: longMs, left: inLong, least: least.long }];
    return [];
  });
}

interface Least {
  workloads: ReadonlyMap<string, { short: number; long: number }>;
  /** Of all the rest of the mesh in the short time. */
  rest: number;
}

/** The least in each time of the hours before, of workloads that were there all the time. */
function* leastOf(look: Look): Asking<Least | undefined, Reading> {
  const least = (counters: string, ms: number, by: string, how: string) => ({
    query: `${how}_over_time((sum${by} (increase(${counters}[${ms / 1000}s])))[${historyMs / 1000}s:${ms / 1000}s])`,
    at: look.startedAt,
    group: missingTraffic.label,
  });
  const by = ` by (${parts(look)})`;
  const [short, long, moments, rest] = yield* read(
    least(requests(look), shortMs, by, 'min'),
    least(requests(look), longMs, by, 'min'),
    least(requests(look), longMs, by, 'count'),
    least(restRequests(look), shortMs, '', 'min'),
  );
  if (short === undefined || long === undefined || moments === undefined || rest === undefined) return undefined;
  const [shorts, longs, counts] = [byPart(short, look), byPart(long, look), byPart(moments, look)];
  const whole = [...counts].filter(([, count]) => count >= historyMs / longMs - 1);
  return {
    workloads: new Map(whole.map(([part]) => [part, { short: shorts.get(part) ?? 0, long: longs.get(part) ?? 0 }])),
    rest: rest[0]?.value ?? 0,
  };
}

const requests = (look: Look, namespaces = look.namespaces) =>
  selector('istio_requests_total', mainView(look).matchers(namespaces, look), look);
const restRequests = (look: Look) => selector('istio_requests_total', restMatchers(look), look);
const parts = (look: Look) => Object.values(mainView(look).part(look)).join(', ');

function byPart(series: readonly Series[], look: Look): ReadonlyMap<string, number> {
  const partIn = partOf(mainView(look), look);
  return new Map(series.map(({ labels, value }) => [partIn(labels), value]));
}
