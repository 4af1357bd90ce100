import { alternation, type Look } from './gate.ts';
import { settledAt } from './root/windows.ts';
import { made, type View } from './views.ts';

/**
 * Namespaces whose pods were still being replaced when a window began, or had just been. A workload without a pod to spare, for example a
 * DaemonSet, cannot be reached meanwhile: its callers fail, whichever release they run.
 * @param from the begin of the window, Unix milliseconds
 */
export function replacedSince(
  from: number,
  { namespaces: own, begun, settings: { intervalMs } }: Pick<Look, 'namespaces' | 'begun' | 'settings'>,
): readonly string[] {
  // What the wave's own restart costs after its pods are ready, its windows take into account.
  const isOwn = (namespace: string) => own.includes(namespace);
  const end = (namespace: string, readyAt: number) => (isOwn(namespace) ? readyAt : settledAt(readyAt, intervalMs));
  return begun
    .flatMap(({ namespaces, readyAt = Number.POSITIVE_INFINITY }) =>
      namespaces.filter((namespace) => from < end(namespace, readyAt)),
    )
    .sort();
}

/** Of calls that a wave makes, matchers for those to count in a window of this length that ends now. */
export const withoutReplaced = (view: View, ms: number, look: Look): readonly string[] =>
  view === made ? notTo(replacedSince(look.until - ms, look)) : [];

/** Matchers for calls to all other namespaces. By the host of the service: where no server could be chosen, other labels are unknown. */
export const notTo = (namespaces: readonly string[]): readonly string[] =>
  namespaces.length === 0 ? [] : [`destination_service!~".*[.](${alternation(namespaces)})[.]svc[.].*"`];
