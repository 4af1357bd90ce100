import { isRefusedByAdmission } from '../mesh/probe/read-answer.ts';
import { defineFinding, type Problem } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { type Comparison, notAsked, type World } from '../model/world.ts';
import { SidecarRefused, WorkloadRefused } from './sidecar-findings.ts';

export const PodsRefused = defineFinding({
  code: 'PODS_REFUSED',
  severity: 'blocks',
  title: 'The new pods of a workload are refused, with the old sidecar as well.',
  cause:
    'An admission policy, PodSecurity or a missing service account refuses them, whatever their sidecar is. The workload is set aside: the upgrade goes on with the others, and the old istiod stays as long as a pod uses it.',
  fix: 'The old pods keep serving. Change the policy, or waive the workload; its rollout then goes on by itself.',
  blames: 'surroundings',
  setsAside: true,
});

export const PodsNotMade = defineFinding({
  code: 'PODS_NOT_MADE',
  severity: 'blocks',
  title: 'The controller of a workload does not make its pods, although the API server accepts them.',
  cause:
    'What refused the pods is over, and the controller waits before it tries again: after many refusals up to 17 minutes. Or the controller is down. The workload is set aside: the upgrade goes on with the others, and the old istiod stays as long as a pod uses it.',
  fix: 'Wait for the controller, or look at the events of the workload (`kubectl describe`).',
  blames: 'surroundings',
  setsAside: true,
});

export const RefusalUnexplained = defineFinding({
  code: 'REFUSAL_UNEXPLAINED',
  severity: 'blocks',
  title: 'The new pods of a workload are not created, and dry-run pods do not show whose failure it is.',
  cause:
    'Its controller says that the pods are refused, or does not create them. A dry-run pod could not be asked with one of the two sidecars.',
  fix: 'Look at the events of its controller (`kubectl describe`), repair the cause or waive the workload, then run again.',
  blames: 'surroundings',
});

/** Whose failure it is that pods are refused: a table of what dry-run pods with each sidecar were told. */
export function causeOf({
  to,
  from,
  others,
}: Comparison): 'release' | 'workload' | 'surroundings' | 'over' | 'unknown' {
  if ('revision' in to) return 'over';
  if (!isRefusedByAdmission(to) || from === notAsked) return 'unknown';
  if (isRefusedByAdmission(from)) return 'surroundings';
  if (!('revision' in from)) return 'unknown';
  return others.some(({ outcome }) => 'revision' in outcome) ? 'workload' : 'release';
}

/** Of a release whose sidecar is refused no more pods may be made: that leads back at once, whichever workload shows it. */
export function refusedByRelease(refusals: readonly Comparison[], plan: Plan): readonly Problem[] {
  if (plan.direction === 'back') return [];
  const found = refusals.filter((each) => causeOf(each) === 'release');
  const [first] = found;
  if (first === undefined) return [];
  return [
    SidecarRefused.of(
      describeRefusal(first, plan),
      found.map(({ workload }) => workload),
    ),
  ];
}

/** `Pods of Deployment foo/foo are refused with the sidecar of 1-31-0 and accepted with that of 1-30-4: ...` */
export function describeRefusal({ workload, to }: Comparison, plan: Pick<Plan, 'from' | 'to'>): string {
  const message = 'refused' in to ? to.refused : '';
  return `Pods of ${workload} are refused with the sidecar of ${plan.to} and accepted with that of ${plan.from}: ${message}`;
}

/** A refusal that passes is over within the first of these times; what cannot be explained is given longer. */
export const refusedForMs = 10_000;
const unexplainedForMs = 30_000;

/** Pods that are refused as long as they are given the new sidecar: with it alone, or with any. */
export function refusedWithProspects(
  world: Pick<World, 'prospects' | 'unchangedForMs'>,
  plan: Plan,
): readonly Problem[] {
  const refusals = world.prospects === notAsked ? [] : world.prospects;
  return [
    ...refusedByRelease(refusals, plan),
    ...refusals.flatMap((refusal) => {
      const { workload, to } = refusal;
      const says = 'refused' in to ? to.refused : 'its dry-run pods were refused';
      return whyRefused(workload, says, refusal, world.unchangedForMs, plan);
    }),
  ];
}

/**
 * Why the new pods of a workload are not created.
 * @param says what its controller says
 * @param stillMs for how long nothing has changed
 */
export function whyRefused(
  id: string,
  says: string,
  comparison: Comparison | undefined,
  stillMs: number,
  plan: Plan,
): Problem[] {
  const cause = comparison === undefined ? 'unknown' : causeOf(comparison);
  if (stillMs < (cause === 'unknown' || cause === 'over' ? unexplainedForMs : refusedForMs)) return [];
  switch (cause) {
    case 'release':
      return plan.direction === 'back' ? [PodsRefused.of(`${id}: its new pods are refused: ${says}`, [id])] : [];
    case 'workload':
      return [WorkloadRefused.of(`${id}: its new pods are refused: ${says}`, [id])];
    case 'surroundings':
      return [PodsRefused.of(`${id}: its new pods are refused: ${says}`, [id])];
    case 'over':
      return [PodsNotMade.of(`${id}: ${says}; a dry-run pod is accepted`, [id])];
    case 'unknown':
      return [RefusalUnexplained.of(`${id}: ${says}${whatWasTold(comparison)}`, [id])];
  }
}

function whatWasTold(comparison: Comparison | undefined): string {
  if (comparison === undefined) return '';
  const { to, from } = comparison;
  const told = [to, ...(from === notAsked ? [] : [from])].flatMap((answer) => {
    if ('unknown' in answer) return [answer.unknown];
    return 'passedOver' in answer ? [answer.passedOver] : [];
  });
  return told.length === 0 ? '' : `; not asked: ${told.join('; ')}`;
}
