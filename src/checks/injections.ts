import { pointsTo } from '../mesh/tag-strays.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { type Shortfall, shortfall } from '../model/stage.ts';
import type { Injection, PodAnswer, Witness, World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const PodRefused = defineFinding({
  code: 'POD_REFUSED',
  severity: 'blocks',
  title: 'The API server refuses a dry-run pod of a workload.',
  cause:
    'A policy, PodSecurity, another webhook or an injector that does not answer refuses the pod as its controller would create it now. If every dry-run pod of its class is refused, this blocks; if others are accepted, it is a warning about the workload alone.',
  fix: 'Repair what refuses it before an upgrade restarts the workload, or waive the workload.',
  blames: 'surroundings',
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

const InjectionNotAsked = defineFinding({
  code: 'INJECTION_NOT_ASKED',
  severity: 'warns',
  title: 'What injects the new pods of some workloads is not known.',
  cause:
    'Every workload of the class that was asked is in a namespace whose quota is full or that is being terminated, or the API server did not answer. The upgrade goes on without this proof; stage 8 removes no istiod without it.',
  fix: 'Make room in the quota of the namespace, or repair what the message names, before the upgrade comes to stage 8.',
  blames: 'surroundings',
});

const finds = [PodRefused, PodInjectedByOther, InjectionNotAsked] as const;
type Found = FindingOf<typeof finds>;

export const injections = defineCheck({ looksAt: ['injections', 'tags'], finds, find: injectionFindings });

/** Once the tag has moved, stage 3 gives the new istiod time to answer, and the stages after it decide about what is refused. */
export function injectionFindings(world: Pick<World, 'injections' | 'tags'>, plan: Plan): readonly Found[] {
  const found = checkInjections(world, plan);
  if (!pointsTo(world.tags, plan.tag, plan.to)) return found;
  return found.map((each) => (each.code === PodRefused.definition.code ? { ...each, severity: 'warns' } : each));
}

/** By the dry run of the API server, a pod created now must get the proxy of one of the two revisions of the plan. */
export function checkInjections(
  world: Pick<World, 'injections'>,
  { from, to, waivers }: Pick<Plan, 'from' | 'to' | 'waivers'>,
): readonly Found[] {
  const isWaived = ({ workload }: Witness) => waivers.some((waiver) => waiver.workload === workload);
  return world.injections.flatMap((injection): readonly Found[] => {
    const { outcome, workload, others } = injection;
    const refused = others.filter((other) => 'refused' in other.outcome);
    if ('refused' in outcome) {
      const asked = [injection, ...refused];
      return [
        PodRefused.as(
          asked.every(isWaived) ? 'warns' : 'blocks',
          `A dry-run pod of ${workload} is refused${alsoRefused(refused)}: ${outcome.refused}`,
          asked.map((each) => each.workload),
        ),
      ];
    }
    const alone = refused.map((each) =>
      PodRefused.as(
        'warns',
        `A dry-run pod of ${each.workload} is refused, while that of ${workload} is not: ${textOf(each.outcome)}`,
        [each.workload],
      ),
    );
    if (!('revision' in outcome))
      return [
        InjectionNotAsked.of(`What injects a new pod of ${workload} is not known: ${textOf(outcome)}`, [workload]),
      ];
    if (outcome.revision === from || outcome.revision === to) return alone;
    return [
      PodInjectedByOther.of(
        `A pod of ${workload} created now would get the proxy of ${outcome.revision}, not of ${from} or ${to}.`,
        [workload],
      ),
      ...alone,
    ];
  });
}

function alsoRefused(refused: readonly Witness[]): string {
  return refused.length === 0 ? '' : `, and so are those of ${refused.map(({ workload }) => workload).join(', ')}`;
}

/** Dry-run pods of which it is not proven that they get the proxy of this revision. */
export function notInjectedBy(injections: readonly Injection[], to: string): Shortfall[] {
  return injections.flatMap(({ workload, outcome }) => {
    const got = textOf(outcome);
    return got === to ? [] : [shortfall(`a pod of ${workload} created now`, got, `injected by ${to}`)];
  });
}

/** Waiting does not make room in a quota: what could not be asked is told, and is no reason to wait. */
export const couldBeAsked = ({ outcome }: Injection): boolean => !('passedOver' in outcome);

/**
 * `2 dry-run pods injected by it; not asked: Deployment foo/foo: exceeded quota: ...`
 * @param proving those of them that show who injects
 */
export function describeInjections(
  injections: readonly Injection[],
  proving: readonly Injection[] = injections.filter(couldBeAsked),
): string {
  const others = injections.filter((each) => !proving.includes(each));
  return [
    `${proving.length} dry-run ${proving.length === 1 ? 'pod' : 'pods'} injected by it`,
    ...others.map(
      (each) =>
        `${couldBeAsked(each) ? 'refused with either sidecar' : 'not asked'}: ${each.workload}: ${textOf(each.outcome)}`,
    ),
  ].join('; ');
}

export function textOf(outcome: PodAnswer): string {
  if ('revision' in outcome) return outcome.revision;
  if ('refused' in outcome) return outcome.refused;
  return 'passedOver' in outcome ? outcome.passedOver : outcome.unknown;
}
