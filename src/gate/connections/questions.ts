import { alternation, type Look, type Scope } from '../gate.ts';
import { increaseOf, increaseOfEach, increaseOfEachKnown, selector } from '../increase.ts';
import { notTo } from '../replaced-since.ts';
import { restMatchers } from '../rest.ts';
import { called, partOf, served, type View } from '../views.ts';

/** Of which time, and whose. */
export interface Asked extends Pick<Scope, 'settings'> {
  ms: number;
  namespaces: readonly string[];
  /** Namespaces whose pods are being replaced: calls to them are left out. */
  away?: readonly string[];
  /** Of the waves' pods alone: what makes a query count no others, or else the pods in its answer tell. */
  scraped?: Look['scraped'];
}

const opened = 'istio_tcp_connections_opened_total';
const sent = 'istio_tcp_sent_bytes_total';

/** The connections of a view, by workload and how they ended. */
export function connectionsIn(view: View, asked: Asked): string {
  const { ms, namespaces, settings, away = [], scraped } = asked;
  // Of clients those who were scraped before: when the counters of others began is unknown.
  if (view === called) {
    const counters = selector(opened, toServicesIn(namespaces), asked);
    return `sum by (destination_service, response_flags) (${increaseOfEachKnown(counters, ms, settings.labels)})`;
  }
  const { restriction } = scraped ?? {};
  const { namespace, workload } = view.part({ settings });
  const by = [namespace, workload, 'response_flags', ...(scraped && !restriction ? [settings.labels.pod] : [])];
  const matchers = [
    view.matchers(namespaces, asked),
    ...(view === served ? [] : notTo(away)),
    ...(restriction?.matchers ?? []),
  ];
  const each = increaseOfEach(selector(opened, matchers.join(', '), asked), ms);
  return `sum by (${by.join(', ')}) ((${each})${restriction?.join ?? ''})`;
}

/** What servers took, by pod and how it ended. */
export function connectionsOfPods(ms: number, scope: Pick<Scope, 'namespaces' | 'settings'>): string {
  const { namespace, pod } = scope.settings.labels;
  const counters = selector(opened, served.matchers(scope.namespaces, scope), scope);
  return increaseOf(counters, ms, `${namespace}, ${pod}, response_flags`);
}

export const connectionsOfRest = (ms: number, look: Pick<Look, 'begun' | 'settings'>): string =>
  increaseOf(selector(opened, restMatchers(look), look), ms, 'response_flags');

/** What servers sent on the connections of a view, by workload. */
export function bytesIn(view: View, { ms, namespaces, settings }: Asked): string {
  const { namespace, workload } = view.part({ settings });
  return increaseOf(
    selector(sent, view.matchers(namespaces, { settings }), { settings }),
    ms,
    `${namespace}, ${workload}`,
  );
}

/** By the host: of a connection that found no server, the namespace is unknown. */
const toServicesIn = (namespaces: readonly string[]): string =>
  `reporter="source", destination_service=~"[^.]+[.](${alternation(namespaces)})[.]svc[.].+"`;

/** The workload of a series of a view, `namespace/name`; of clients the service that they called. */
export function partOfConnections(
  view: View,
  scope: Pick<Scope, 'settings'>,
): (labels: Readonly<Record<string, string>>) => string {
  if (view !== called) return partOf(view, scope);
  return (labels) => {
    const [name = '?', namespace = '?'] = (labels['destination_service'] ?? '').split('.');
    return `${namespace}/${name}`;
  };
}
