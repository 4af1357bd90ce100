import type { Count, FailureClass, Normal } from '../model/evidence.ts';
import type { Series } from '../ports/prometheus.ts';
import { type Asking, type Question, type Reading, read } from './asking.ts';
import { failureOf, sumByEnding } from './endings.ts';
import type { Look, Scope } from './gate.ts';
import { increaseOfEach, increaseOfEachKnown, selector } from './increase.ts';
import { rememberOfWave } from './remember.ts';
import { restMatchers } from './rest.ts';
import { type Block, likelyDispersion, normalOf } from './root/normal.ts';
import { partOf, type View } from './views.ts';

/** Six hours in blocks of a quarter of an hour: enough to see how the failures vary, and to judge one request a second. */
export const blockMs = 15 * 60_000;
export const blockCount = 24;
export const historyMs = blockCount * blockMs;

/** What is normal for each part by class; the wave's name is empty. A part without history is not there. */
export type Normals = ReadonlyMap<string, ByClass<Normal>>;

/** What was normal in the hours before the wave began. @returns `undefined` when Prometheus did not answer */
export function normalsOf(view: View, look: Look): Asking<Normals | undefined, Reading> {
  return rememberOfWave(look, `normal ${view.name}`, () => readNormals(view, look));
}

function* readNormals(view: View, look: Look): Asking<Normals | undefined, Reading> {
  const own = requestsInBlock(view, view.matchers(look.namespaces, look), look);
  const [owns, rests] = yield* read(inBlocks(own, look.startedAt), inBlocks(restInBlock(look), look.startedAt));
  if (owns === undefined || rests === undefined) return undefined;
  const blocksOfRest = blocksBy(rests, look.startedAt, () => []).get('') ?? emptyBlocks();
  const nameOf = partOf(view, look);
  const meant = owns.filter(({ labels }) => look.only?.has(nameOf(labels)) ?? true);
  return normalsOfParts(
    blocksBy(meant, look.startedAt, (labels) => [nameOf(labels)]),
    blocksOfRest,
  );
}

/** @param parts of a wave, beside all of it, which has no name */
export function normalsOfParts(parts: ReadonlyMap<string, readonly Failures[]>, rest: readonly Failures[]): Normals {
  const blocksOf = (part: readonly Failures[]) => blocksByClass(part, rest);
  const likely = likelyDispersion(Object.values(blocksOf(parts.get('') ?? emptyBlocks())));
  return new Map([...parts].map(([part, blocks]) => [part, normalsOfBlocks(blocksOf(blocks), likely)]));
}

/** What each workload was asked in a block, by how the requests ended. */
export function requestsInBlock(view: View, matchers: string, scope: Pick<Scope, 'settings'>): string {
  const { namespace, workload } = view.part(scope);
  const counters = selector('istio_requests_total', matchers, scope);
  const { labels } = scope.settings;
  const each = view.ofOwnPods ? increaseOfEach(counters, blockMs) : increaseOfEachKnown(counters, blockMs, labels);
  return sumByEnding([namespace, workload], each);
}

/** What servers of the rest of the mesh were asked in a block. */
export const restInBlock = (look: Pick<Look, 'begun' | 'settings'>): string =>
  sumByEnding([], increaseOfEach(selector('istio_requests_total', restMatchers(look), look), blockMs));

/** A query at the end of each block before a moment, Unix milliseconds. */
export const inBlocks = (query: string, end: number): Question => ({
  query,
  range: { start: end - (blockCount - 1) * blockMs, end, stepMs: blockMs },
});

/** In which block a sample of such a query is. */
export const blockOf = ({ at }: Series, end: number): number => blockCount - 1 - Math.round((end - at) / blockMs);

/** Of one block: requests, and those that failed by class. */
export type Failures = { requests: number } & Record<FailureClass, number>;

export const emptyBlocks = (): Failures[] =>
  Array.from({ length: blockCount }, () => ({ requests: 0, error: 0, lost: 0, refusal: 0 }));

/** Of all series, and of the parts that each belongs to besides. */
export function blocksBy(
  series: readonly Series[],
  end: number,
  partsOf: (labels: Series['labels']) => readonly string[],
): Map<string, Failures[]> {
  const found = new Map<string, Failures[]>();
  for (const each of series) {
    const failure = failureOf(each.labels);
    for (const part of ['', ...partsOf(each.labels)]) {
      const blocks = found.get(part) ?? emptyBlocks();
      found.set(part, blocks);
      const block = blocks[blockOf(each, end)];
      if (block === undefined) continue;
      block.requests += each.value;
      if (failure !== undefined) block[failure] += each.value;
    }
  }
  return found;
}

type ByClass<T> = Readonly<Record<FailureClass, T>>;

function blocksByClass(own: readonly Failures[], rest: readonly Failures[]): ByClass<readonly Block[]> {
  const count = (failures: Failures | undefined, failure: FailureClass): Count => ({
    requests: failures?.requests ?? 0,
    errors: failures?.[failure] ?? 0,
  });
  const of = (failure: FailureClass): readonly Block[] =>
    own.map((each, index) => ({ own: count(each, failure), rest: count(rest[index], failure) }));
  return { error: of('error'), lost: of('lost'), refusal: of('refusal') };
}

const normalsOfBlocks = ({ error, lost, refusal }: ByClass<readonly Block[]>, likely: number): ByClass<Normal> => ({
  error: normalOf(error, likely),
  lost: normalOf(lost, likely),
  refusal: normalOf(refusal, likely),
});
