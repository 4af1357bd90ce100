import { defineFinding } from '../model/finding.ts';
import { type Shortfall, shortfall } from '../model/stage.ts';
import type { Injection, World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const PodRefused = defineFinding({
  code: 'POD_REFUSED',
  severity: 'blocks',
  title: 'A new pod of a workload would be refused by the API server.',
  cause:
    'A dry run of the pod was refused: by an admission policy, a quota, PodSecurity, or an injection webhook whose istiod does not answer.',
  fix: 'Repair what refuses it before an upgrade restarts anything.',
  // Decides as it did when any failure led back; whose failure it is, evidence will have to tell.
  blames: 'release',
});

const PodInjectedByOther = defineFinding({
  code: 'POD_INJECTED_BY_OTHER',
  severity: 'blocks',
  title: 'A new pod of a workload would get the proxy of a revision outside this upgrade.',
  cause: 'A webhook of a third revision selects the pod, by its labels or by those of its namespace.',
  fix: 'Find the webhooks that select it, and remove or correct the one of the third revision.',
  // Decides as it did when any failure led back; whose failure it is, evidence will have to tell.
  blames: 'release',
});

const finds = [PodRefused, PodInjectedByOther] as const;
type Found = FindingOf<typeof finds>;

export const injections = defineCheck({
  looksAt: ['injections'],
  finds,
  find: (world, { from, to }) => checkInjections(world, [from, to]),
});

/** By the dry run of the API server, a pod created now must get the proxy of one of these revisions. */
export function checkInjections(
  { injections }: Pick<World, 'injections'>,
  expected: readonly string[],
): readonly Found[] {
  return injections.flatMap(({ namespace, workload, outcome }): Found[] => {
    if ('error' in outcome)
      return [PodRefused.of(`A pod of ${workload} could not be created now: ${outcome.error}`, [namespace])];
    if (expected.includes(outcome.revision)) return [];
    return [
      PodInjectedByOther.of(
        `A pod of ${workload} created now would get the proxy of ${outcome.revision}, not of ${expected.join(' or ')}.`,
        [namespace],
      ),
    ];
  });
}

/** Dry-run pods that did not get the proxy of this revision. */
export function notInjectedBy(injections: readonly Injection[], to: string): Shortfall[] {
  return injections.flatMap(({ workload, outcome }) => {
    const got = 'error' in outcome ? outcome.error : outcome.revision;
    return got === to ? [] : [shortfall(`a pod of ${workload} created now`, got, `injected by ${to}`)];
  });
}
