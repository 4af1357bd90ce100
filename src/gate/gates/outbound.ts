import { noTraffic, type Traffic } from '../../model/evidence.ts';
import { alternation, type Gate, type Scope } from '../gate.ts';
import { countOfThePods, judgeNamespaces, judgeRatio, requestsWhere } from '../traffic.ts';

/** Calls that the wave's pods made: their new proxies are the clients. */
export const outbound: Gate<Traffic> = {
  label: 'errors of its own calls',
  about: 'traffic',
  nothing: noTraffic,
  traffic: { label: 'calls that it made itself', of: (traffic) => traffic },
  count: (look) => countOfThePods(requestsOf(look), look),
  judge: (traffic, settings) => [judgeRatio(traffic, settings), ...judgeNamespaces(traffic, settings)],
  // A wave of servers makes no calls.
  inspect: () => [],
};

const requestsOf = (scope: Scope): string =>
  requestsWhere(`reporter="source", ${scope.settings.labels.namespace}=~"${alternation(scope.namespaces)}"`, scope);
