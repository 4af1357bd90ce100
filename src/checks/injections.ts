import { type Finding, problem } from '../model/finding.ts';
import { type Shortfall, shortfall } from '../model/stage.ts';
import type { Injection, World } from '../model/world.ts';

/** What the API server's dry run must say: a pod born now gets one of these revisions. */
export function checkInjections(
  { injections }: Pick<World, 'injections'>,
  expected: readonly string[],
): readonly Finding[] {
  return injections.flatMap(({ namespace, workload, outcome }): Finding[] => {
    if ('error' in outcome)
      return [
        problem(
          'POD_REFUSED',
          `A pod of ${workload} could not be created now: ${outcome.error}`,
          'Repair what refuses it before an upgrade restarts anything.',
          [namespace],
        ),
      ];
    if (expected.includes(outcome.revision)) return [];
    return [
      problem(
        'POD_INJECTED_BY_OTHER',
        `A pod of ${workload} born now would get the proxy of ${outcome.revision}, not of ${expected.join(' or ')}.`,
        'Look at the webhooks that select it.',
        [namespace],
      ),
    ];
  });
}

/** Dry-run pods that did not get the proxy of this revision. */
export function notInjectedBy(injections: readonly Injection[], to: string): Shortfall[] {
  return injections.flatMap(({ workload, outcome }) => {
    const got = 'error' in outcome ? outcome.error : outcome.revision;
    return got === to ? [] : [shortfall(`a pod of ${workload} born now`, got, `injected by ${to}`)];
  });
}
