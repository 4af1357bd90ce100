import type { LabelLacking } from '../../model/sight.ts';
import type { Answer, Series } from '../../ports/prometheus.ts';
import type { Question } from '../asking.ts';
import { alternation, type Scope } from '../gate.ts';
import { selector } from '../increase.ts';

/** Series of requests by namespace: which reporters there are, and those whose labels cannot be read. A healthy mesh answers little. */
export function labelQuestions(namespaces: readonly string[], scope: Pick<Scope, 'settings'>) {
  const { namespace } = scope.settings.labels;
  const count = (more: string, ...by: readonly string[]): Question => {
    const matchers = [`${namespace}=~"${alternation(namespaces)}"`, more].filter(Boolean).join(', ');
    return {
      query: `count by (${[namespace, ...by].join(', ')}) (${selector('istio_requests_total', matchers, scope)})`,
    };
  };
  return [
    count('', 'reporter'),
    count('response_code!~"[0-9]+"', 'response_code'),
    count('response_flags=""'),
    // Of a call that ends without trailers there is no status.
    count('request_protocol="grpc"', 'grpc_response_status'),
  ] as const;
}

/** @param answers to these questions; also of namespaces that are not chosen */
export function labelsLacking(
  [reporters, codes, flags, statuses]: readonly [Answer, Answer, Answer, Answer],
  chosen: ReadonlySet<string>,
  { settings: { labels } }: Pick<Scope, 'settings'>,
): readonly LabelLacking[] {
  const rowsOf = ({ series }: Answer) => series.filter((each) => chosen.has(each.labels[labels.namespace] ?? ''));
  const lacking = (label: LabelLacking['label'], rows: readonly Series[]): LabelLacking[] => {
    const values = rows.flatMap((each) => each.labels[label] ?? []);
    const namespaces = rows.map((each) => each.labels[labels.namespace] ?? '');
    return rows.length === 0 ? [] : [{ label, namespaces: unique(namespaces), values: unique(values) }];
  };
  const isAbsent = (label: string) => (each: Series) => (each.labels[label] ?? '') === '';
  const withStatus = new Set(
    rowsOf(statuses)
      .filter((each) => !isAbsent('grpc_response_status')(each))
      .map((each) => each.labels[labels.namespace]),
  );
  return [
    ...lacking('reporter', rowsOf(reporters).filter(isAbsent('reporter'))),
    ...lacking('response_code', rowsOf(codes)),
    ...lacking('response_flags', rowsOf(flags)),
    ...lacking(
      'grpc_response_status',
      rowsOf(statuses).filter((each) => !withStatus.has(each.labels[labels.namespace])),
    ),
  ];
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].filter(Boolean).sort();
