import type { Count, Normal, PartCounts } from '../../model/evidence.ts';
import type { Series } from '../../ports/prometheus.ts';
import { type Asking, type Reading, read } from '../asking.ts';
import { type Span, spansOf } from '../count-traffic.ts';
import type { Gate, Look } from '../gate.ts';
import { blockCount, blockMs, blockOf, historyMs, inBlocks } from '../history.ts';
import { increaseOf, selector } from '../increase.ts';
import { judgementOf, rulesOf, worthSaying } from '../judge-traffic.ts';
import { ratioOf } from '../ratio-of.ts';
import { rememberOfWave } from '../remember.ts';
import { withoutReplaced } from '../replaced-since.ts';
import { restMatchers } from '../rest.ts';
import { judgePart, type PartJudgement, type Rules } from '../root/judge-part.ts';
import { normalOf } from '../root/normal.ts';
import { mainView, partOf } from '../views.ts';

const label = 'slow requests';

/**
 * Requests that take longer than 99 of 100 took in the hours before: for each workload the bound of its histogram above that. Judged
 * like errors. Without a history of durations nothing is slow.
 */
export const slowRequests: Gate<readonly PartCounts[]> = {
  label,
  about: 'traffic',
  nothing: [],
  count,
  judge: (parts, settings, evidence) =>
    worthSaying(parts, evidence).flatMap((part) => {
      const judged = judge(part, rulesOf(settings, evidence));
      const isQuiet = judged.verdict === 'pass' && (part.part !== undefined || judged.own.errors === 0);
      return isQuiet ? [] : [judgementOf(label, part, judged, settings)];
    }),
  ratios: (parts, settings, evidence) => {
    const rules = rulesOf(settings, evidence);
    const judged = worthSaying(parts, evidence).map((part) => ({ part, judged: judge(part, rules) }));
    const ratio = ratioOf(label, judged, settings);
    return ratio !== undefined && (ratio.errors > 0 || ratio.worst !== undefined) ? [ratio] : [];
  },
  // Whether durations are measured, the checks of what the gate sees ask.
  inspect: () => [],
};

/** The quantile above which a request is slow. */
const usual = 0.99;
const metric = 'istio_request_duration_milliseconds_bucket';

/** Bounds as Prometheus writes them, for example `250.0`, by workload, and for the rest of the mesh. */
interface Bounds {
  of: ReadonlyMap<string, string>;
  rest: string | undefined;
}

interface Past extends Bounds {
  /** By workload; the wave's name is empty. */
  normals: ReadonlyMap<string, Normal>;
}

/**
 * Pods that have just started are slow, whichever release they run: what is counted since they were ready withholds the pass, and fails
 * nothing.
 */
function judge(part: PartCounts, rules: Rules): PartJudgement {
  const { ready: _ready, ...settled } = part.windows;
  const firm = judgePart({ ...part, windows: settled }, rules);
  if (firm.verdict === 'fail') return firm;
  const judged = judgePart(part, rules);
  return judged.verdict === 'fail' ? { ...judged, verdict: 'inconclusive' } : judged;
}

/** The sliding window; before there is one, also what is counted since the pods were ready, since the next window begins empty. */
function spansFor(look: Look): readonly Span[] {
  const spans = spansOf(look);
  const sliding = spans.filter(({ window }) => window === 'recent');
  return sliding.length > 0 ? sliding : spans.filter(({ window }) => window === 'ready' || window === 'settled');
}

function* count(look: Look): Asking<readonly PartCounts[], Reading> {
  const spans = spansFor(look);
  if (spans.length === 0) return [];
  const past = yield* rememberOfWave(look, 'slow', () => pastOf(look));
  if (past === undefined || past.of.size === 0) return [];
  const readings = yield* read(
    // Servers that have just started are slow, which is no fault of a gateway that calls them.
    ...spans.map((span) => ({
      query: bucketsIn(span, look, past, withoutReplaced(mainView(look), span.ms, look)),
      at: look.until,
      group: label,
    })),
    ...spans.map((span) => ({ query: bucketsOfRestIn(span, look, past), at: look.until, group: label })),
  );
  const counted = spans.map(({ window }, index) => {
    const [own, rest] = [readings[index], readings[spans.length + index]];
    return own && rest && { window, own: slowBy(own, look, past), rest: slowOfRest(rest, past) };
  });
  const known = counted.filter((each) => each !== undefined);
  if (known.length < counted.length) return [];
  const names = new Set(
    known.flatMap(({ own }) => [...own].flatMap(([part, { errors }]) => (errors > 0 ? [part] : []))),
  );
  return ['', ...[...names].filter((part) => part !== '')].map((part) => ({
    ...(part !== '' && { part }),
    normal: past.normals.get(part) ?? normalOf([]),
    windows: Object.fromEntries(known.map(({ window, own, rest }) => [window, { own: own.get(part) ?? none, rest }])),
  }));
}

const none: Count = { requests: 0, errors: 0 };

const parts = (look: Look) => Object.values(mainView(look).part(look)).join(', ');
const buckets = (look: Look, bounds?: Iterable<string>, without: readonly string[] = []) =>
  selector(metric, [mainView(look).matchers(look.namespaces, look), ...without, ...oneOf(bounds)].join(', '), look);
const restBuckets = (look: Look, bounds?: Iterable<string>) =>
  selector(metric, [restMatchers(look), ...oneOf(bounds)].join(', '), look);

const bucketsIn = ({ ms }: Pick<Span, 'ms'>, look: Look, { of }: Bounds, without: readonly string[] = []) =>
  increaseOf(buckets(look, of.values(), without), ms, `${parts(look)}, le`);
const bucketsOfRestIn = ({ ms }: Pick<Span, 'ms'>, look: Look, { rest }: Bounds) =>
  increaseOf(restBuckets(look, rest === undefined ? [] : [rest]), ms, 'le');

/** A matcher for these bounds and for all requests. */
const oneOf = (bounds: Iterable<string> | undefined): readonly string[] => {
  if (bounds === undefined) return [];
  const escaped = [...new Set([...bounds, '+Inf'])].map((bound) => bound.replace(/[+.]/g, '\\\\$&')).sort();
  return [`le=~"${escaped.join('|')}"`];
};

function* pastOf(look: Look): Asking<Past | undefined, Reading> {
  const nameOf = partOf(mainView(look), look);
  const [own, rest] = yield* read(
    { query: increaseOf(buckets(look), historyMs, `${parts(look)}, le`), at: look.startedAt, group: label },
    { query: increaseOf(restBuckets(look), historyMs, 'le'), at: look.startedAt, group: label },
  );
  if (own === undefined || rest === undefined) return undefined;
  const bounds: Bounds = {
    of: new Map(
      [...Map.groupBy(own, ({ labels }) => nameOf(labels))].flatMap(([part, series]) => {
        const bound = boundAbove(series);
        return bound === undefined ? [] : [[part, bound] as const];
      }),
    ),
    rest: boundAbove(rest),
  };
  if (bounds.of.size === 0) return { ...bounds, normals: new Map() };
  const [owns, rests] = yield* read(
    inBlocks(bucketsIn({ ms: blockMs }, look, bounds), look.startedAt),
    inBlocks(bucketsOfRestIn({ ms: blockMs }, look, bounds), look.startedAt),
  );
  if (owns === undefined || rests === undefined) return undefined;
  const inBlock = (series: readonly Series[], index: number) =>
    series.filter((each) => blockOf(each, look.startedAt) === index);
  const perBlock = Array.from({ length: blockCount }, (_, index) => ({
    own: slowBy(inBlock(owns, index), look, bounds),
    rest: slowOfRest(inBlock(rests, index), bounds),
  }));
  return {
    ...bounds,
    normals: new Map(
      ['', ...bounds.of.keys()].map((part) => [
        part,
        normalOf(perBlock.map((block) => ({ own: block.own.get(part) ?? none, rest: block.rest }))),
      ]),
    ),
  };
}

/** The lowest finite bound below which the usual requests are; `undefined` if there is none. */
function boundAbove(series: readonly Series[]): string | undefined {
  const all = series.find(({ labels }) => labels['le'] === '+Inf')?.value ?? 0;
  return series
    .filter(({ labels, value }) => labels['le'] !== '+Inf' && all > 0 && value >= usual * all)
    .map(({ labels }) => labels['le'] ?? '')
    .sort((a, b) => Number(a) - Number(b))[0];
}

/** Requests and the slow ones among them, of each workload and of all; those without a usual duration are left out. */
function slowBy(series: readonly Series[], look: Look, { of }: Bounds): Map<string, Count> {
  const nameOf = partOf(mainView(look), look);
  const counts = new Map<string, Count>([['', { requests: 0, errors: 0 }]]);
  for (const [part, each] of Map.groupBy(series, ({ labels }) => nameOf(labels))) {
    const bound = of.get(part);
    if (bound === undefined) continue;
    const counted = slowIn(each, bound);
    counts.set(part, counted);
    const sum = counts.get('');
    if (sum !== undefined)
      counts.set('', { requests: sum.requests + counted.requests, errors: sum.errors + counted.errors });
  }
  return counts;
}

const slowOfRest = (series: readonly Series[], { rest }: Bounds): Count =>
  rest === undefined ? { requests: 0, errors: 0 } : slowIn(series, rest);

function slowIn(series: readonly Series[], bound: string): Count {
  const within = (le: string) => series.find(({ labels }) => labels['le'] === le)?.value ?? 0;
  const requests = within('+Inf');
  return { requests, errors: Math.max(0, requests - within(bound)) };
}
