import type { FailureClass, ViewName } from '../model/evidence.ts';
import { alternation, type Look, type Scope } from './gate.ts';

/** From where requests are counted. */
export interface View {
  name: ViewName;
  /** Which series of `istio_requests_total` and of the histogram of durations. */
  matchers(namespaces: readonly string[], scope: Pick<Scope, 'settings'>): string;
  /** The labels that name a workload of the wave. */
  part(scope: Pick<Scope, 'settings'>): { namespace: string; workload: string };
  /** Whether the series are those of the wave's own pods, so that only pods of the new revision count. */
  ofOwnPods: boolean;
  /** What failures of each class are called. */
  words: Readonly<Record<FailureClass, string>>;
}

/** What the wave's pods answered. */
export const served: View = {
  name: 'serverSide',
  matchers: (namespaces, { settings: { labels } }) =>
    `reporter="destination", ${labels.namespace}=~"${alternation(namespaces)}"`,
  part: ({ settings: { labels } }) => ({ namespace: labels.namespace, workload: 'destination_workload' }),
  ofOwnPods: true,
  words: {
    error: 'server-side errors',
    lost: 'requests that did not reach the application',
    refusal: 'requests that its servers refused',
  },
};

/** Calls to the wave's services as their clients saw them. What never reached a server is only here. */
export const called: View = {
  name: 'clientSide',
  matchers: (namespaces) => `reporter="source", destination_service_namespace=~"${alternation(namespaces)}"`,
  part: () => ({ namespace: 'destination_service_namespace', workload: 'destination_service_name' }),
  ofOwnPods: false,
  words: {
    error: 'client-side errors',
    lost: 'requests that did not reach a server',
    refusal: 'requests that its clients saw refused',
  },
};

/** Calls that the wave's pods made: their new proxies are the clients. */
export const made: View = {
  name: 'outbound',
  matchers: (namespaces, { settings: { labels } }) =>
    `reporter="source", ${labels.namespace}=~"${alternation(namespaces)}"`,
  part: ({ settings: { labels } }) => ({ namespace: labels.namespace, workload: 'source_workload' }),
  ofOwnPods: true,
  words: {
    error: 'errors of its own calls',
    lost: 'own calls that did not reach a server',
    refusal: 'own calls that were refused',
  },
};

/** The workload of a series, `namespace/name`. */
export function partOf(
  view: View,
  scope: Pick<Scope, 'settings'>,
): (labels: Readonly<Record<string, string>>) => string {
  const { namespace, workload } = view.part(scope);
  return (labels) => `${labels[namespace] ?? '?'}/${labels[workload] ?? '?'}`;
}

/** Where the requests of a wave are counted once: at its servers, and of gateways, which call the servers for others, at themselves. */
export const mainView = ({ only }: Pick<Look, 'only'>): View => (only === undefined ? served : made);
