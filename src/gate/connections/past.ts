import type { Count, Normal, ViewName } from '../../model/evidence.ts';
import type { Series } from '../../ports/prometheus.ts';
import { type Asking, type Question, type Reading, read } from '../asking.ts';
import { failureClasses } from '../failures.ts';
import type { Look, Scope } from '../gate.ts';
import { blockCount, blockMs, blockOf, blocksBy, emptyBlocks, historyMs, inBlocks, restInBlock } from '../history.ts';
import { rememberOfWave } from '../remember.ts';
import { type Block, likelyDispersion, normalOf } from '../root/normal.ts';
import { called, made, mainView, served, type View } from '../views.ts';
import { isFailed } from './endings.ts';
import { bytesIn, connectionsIn, connectionsOfRest, partOfConnections } from './questions.ts';

export interface Past {
  /** What is normal for each part of each view; the wave's name is empty. A view without connections is not there. */
  normals: ReadonlyMap<ViewName, ReadonlyMap<string, Normal>>;
  /** What was sent in each time as long as the sliding window, by workload; the wave's name is empty. */
  bytes: ReadonlyMap<string, Sent>;
  /** The least that the rest of the mesh served in a block: requests and connections. */
  leastOfRest: number;
}

interface Sent {
  least: number;
  mean: number;
}

/** The connections of a wave in the hours before it began. @returns `undefined` when Prometheus did not answer */
export const pastOf = (look: Look): Asking<Past | undefined, Reading> =>
  rememberOfWave(look, 'connections', () => readPast(look));

function* readPast(look: Look): Asking<Past | undefined, Reading> {
  const { startedAt, namespaces, settings, only } = look;
  const inBlock = (query: string) => inBlocks(query, startedAt);
  const connections = (view: View) => inBlock(connectionsIn(view, { ms: blockMs, namespaces, settings }));
  const [taken, toServices, own, rest, requests, bytes] = yield* read(
    connections(served),
    connections(called),
    connections(made),
    inBlock(connectionsOfRest(blockMs, look)),
    inBlock(restInBlock(look)),
    bytesBefore(startedAt, mainView(look), namespaces, look),
  );
  if (!taken || !toServices || !own || !rest || !requests || !bytes) return undefined;
  const beside = restOf(requests, rest, startedAt);
  const views: readonly (readonly [View, readonly Series[]])[] = [
    [served, taken],
    [called, only === undefined ? toServices : []],
    [made, own],
  ];
  const meant = (view: View, series: readonly Series[]) => {
    const nameOf = partOfConnections(view, look);
    return series.filter(({ labels }) => only?.has(nameOf(labels)) ?? true);
  };
  return {
    normals: new Map(
      views.flatMap(([view, answer]) => {
        const series = meant(view, answer);
        const parts = Map.groupBy(series, ({ labels }) => partOfConnections(view, look)(labels));
        return series.length === 0
          ? []
          : [[view.name, normalsOfConnections(new Map([['', series], ...parts]), beside, startedAt)] as const];
      }),
    ),
    bytes: sentBy(meant(mainView(look), bytes), mainView(look), look),
    leastOfRest: Math.min(...beside.map((block) => block.requests)),
  };
}

/** In each block, all that servers of the rest of the mesh answered. */
function restOf(requests: readonly Series[], connections: readonly Series[], end: number): readonly Count[] {
  const blocks = blocksBy(requests, end, () => []).get('') ?? emptyBlocks();
  const byBlock = Map.groupBy(connections, (series) => blockOf(series, end));
  return blocks.map((block, index) =>
    added(
      { requests: block.requests, errors: failureClasses.reduce((sum, failure) => sum + block[failure], 0) },
      countOf(byBlock.get(index) ?? []),
    ),
  );
}

/** @param parts series by part, beside all of them, which have no name */
export function normalsOfConnections(
  parts: ReadonlyMap<string, readonly Series[]>,
  rest: readonly Count[],
  end: number,
): ReadonlyMap<string, Normal> {
  const blocksOf = (series: readonly Series[]): readonly Block[] => {
    const byBlock = Map.groupBy(series, (each) => blockOf(each, end));
    return Array.from({ length: blockCount }, (_, index) => ({
      own: countOf(byBlock.get(index) ?? []),
      rest: rest[index] ?? { requests: 0, errors: 0 },
    }));
  };
  const likely = likelyDispersion([blocksOf(parts.get('') ?? [])]);
  return new Map([...parts].map(([part, series]) => [part, normalOf(blocksOf(series), likely)]));
}

export const countOf = (series: readonly Pick<Series, 'labels' | 'value'>[]): Count =>
  series.reduce((sum, { labels, value }) => added(sum, { requests: value, errors: isFailed(labels) ? value : 0 }), {
    requests: 0,
    errors: 0,
  });

export const added = (a: Count, b: Count): Count => ({
  requests: a.requests + b.requests,
  errors: a.errors + b.errors,
});

const spansIn = ({ settings }: Pick<Scope, 'settings'>): number => Math.floor(historyMs / settings.watchMs);

/** What was sent in each time as long as the sliding window, in the hours before a moment, Unix milliseconds. */
export function bytesBefore(
  end: number,
  view: View,
  namespaces: readonly string[],
  { settings }: Pick<Scope, 'settings'>,
): Question {
  const { watchMs } = settings;
  return {
    query: bytesIn(view, { ms: watchMs, namespaces, settings }),
    range: { start: end - (spansIn({ settings }) - 1) * watchMs, end, stepMs: watchMs },
  };
}

/** Of workloads that sent something all the time, and of all together, which have no name. */
export function sentBy(series: readonly Series[], view: View, scope: Pick<Scope, 'settings'>): Past['bytes'] {
  const nameOf = partOfConnections(view, scope);
  const sums = new Map<string, Map<number, number>>();
  for (const { labels, value, at } of series) {
    for (const part of ['', nameOf(labels)]) {
      const byTime = sums.get(part) ?? new Map<number, number>();
      sums.set(part, byTime);
      byTime.set(at, (byTime.get(at) ?? 0) + value);
    }
  }
  return new Map(
    [...sums]
      .filter(([, byTime]) => byTime.size >= spansIn(scope) - 1)
      .map(([part, byTime]) => {
        const values = [...byTime.values()];
        const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
        return [part, { least: Math.min(...values), mean }];
      }),
  );
}
