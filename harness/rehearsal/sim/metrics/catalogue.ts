import { invalid } from './api-parameters.ts';
import { Families } from './families.ts';
import { unwrap } from './promql/ast.ts';
import { matcher } from './promql/matcher.ts';
import { parse } from './promql/parse.ts';
import { QueryError } from './promql/query-error.ts';
import { labelKey } from './promql/value.ts';
import type { Labels, Matcher, SampleStore } from './sample-store.ts';

const Everything: readonly Matcher[] = [matcher('__name__', '=~', '.+')];

/** Label sets with samples in a time: of the selectors given, or of all. */
export function seriesBetween(store: SampleStore, selectors: readonly string[], from: number, to: number): Labels[] {
  const wanted = selectors.length === 0 ? [Everything] : selectors.map(matchersOf);
  const found = new Map<string, Labels>();
  for (const matchers of wanted) {
    for (const { labels } of store.range(matchers, from - 1, to)) found.set(labelKey(labels), labels);
  }
  return [...found.values()];
}

export const labelNames = (series: readonly Labels[]): string[] => [...new Set(series.flatMap(Object.keys))].sort();

export function labelValues(series: readonly Labels[], name: string): string[] {
  return [...new Set(series.flatMap((labels) => labels[name] ?? []))].sort();
}

/** As `/api/v1/metadata` answers; a histogram is one metric there. */
export function metadata(only: string | null): Record<string, readonly { type: string; help: string; unit: string }[]> {
  const entries = Object.entries(Families).map(([name, { type, help }]) => {
    const metric = type === 'histogram' ? name.replace(/_(bucket|sum|count)$/, '') : name;
    return [metric, [{ type, help, unit: '' }]] as const;
  });
  // `up` comes from no target.
  return Object.fromEntries(entries.filter(([name]) => name !== 'up' && (only === null || name === only)));
}

function matchersOf(selector: string): readonly Matcher[] {
  const expression = unwrap(parseSelector(selector));
  if (expression.kind !== 'selector') throw invalid('match[]', 'expected a series selector');
  if (expression.matchers.every(({ matches }) => matches(''))) {
    throw invalid('match[]', 'match[] must contain at least one non-empty matcher');
  }
  return expression.matchers;
}

function parseSelector(selector: string) {
  try {
    return parse(selector);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new QueryError(error.errorType, error.message.replace('parameter "query"', 'parameter "match[]"'));
  }
}
