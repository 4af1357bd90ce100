import { belongsTo } from '../mesh/belongs-to.ts';
import { defineFinding, type Problem } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { LoosePod, Workload, World } from '../model/world.ts';
import { whyNotMoved } from '../rollout/why-not-moved.ts';

export const PodsLeftBehind = defineFinding({
  code: 'PODS_LEFT_BEHIND',
  severity: 'blocks',
  title: 'After the rollback some pods still run the new proxy.',
  cause:
    'Their workload cannot roll: its new pods do not start or are refused, it is paused, its pods are replaced by hand only, or no controller would create them again.',
  fix: 'Repair the workloads that the finding names, or delete these pods, then run `rollback` again.',
  blames: 'workload',
});

/** What of the mesh still runs the revision that a rollback leaves. What chose that revision by a label, or follows another tag, is left out. */
export function podsLeftBehind(
  world: Pick<World, 'workloads' | 'loosePods' | 'namespaces'>,
  plan: Plan,
  setAside: readonly Problem[],
): readonly Problem[] {
  const workloads = world.workloads.filter((workload) => workload.follows === undefined || belongsTo(workload, plan));
  const left = [
    ...workloads.flatMap((workload) => ofWorkload(workload, plan, setAside)),
    ...world.loosePods.filter((pod) => isLeft(pod, world, plan)).map(ofNoWorkload),
  ];
  const pods = left.flatMap((each) => each.pods);
  if (pods.length === 0) return [];
  const count = pods.length === 1 ? '1 pod still runs' : `${pods.length} pods still run`;
  const what = left.some(({ isBare }) => isBare) ? `${plan.from} or no proxy` : plan.from;
  return [
    PodsLeftBehind.of(
      `${count} ${what}: ${pods.slice(0, namedMax).join(', ')}${pods.length > namedMax ? ` and ${pods.length - namedMax} more` : ''}.`,
      left.map(({ what, why }) => `${what}: ${why}`),
    ),
  ];
}

/** As many names as one line of a log can hold; the objects of the finding have the workloads. */
const namedMax = 5;

interface Left {
  what: string;
  why: string;
  /** `namespace/name` */
  pods: readonly string[];
  /** Whether some of them have no proxy. */
  isBare?: boolean;
}

function ofWorkload(workload: Workload, plan: Plan, setAside: readonly Problem[]): Left[] {
  // Pods without a proxy were created while the namespace had left the tag.
  const bare = workload.follows === undefined || plan.bare.includes(workload.id) ? [] : workload.podNames.get('none');
  const names = [...(workload.podNames.get(plan.from) ?? []), ...(bare ?? [])];
  if (names.length === 0) return [];
  const problem = setAside.find(({ objects }) => objects.includes(workload.id));
  const left =
    workload.follows === undefined ? 'its namespace does not follow the tag any more' : 'its pods did not end';
  // Its message may begin with the name, as the line of the list does.
  const why = problem?.message.replace(`${workload.id}: `, '') ?? whyNotMoved(workload, plan) ?? left;
  const isBare = bare !== undefined && bare.length > 0;
  return [{ what: workload.id, why, isBare, pods: names.map((name) => `${workload.namespace}/${name}`) }];
}

/** The labels of its namespace say which tag injected it. */
const isLeft = ({ namespace, revision }: LoosePod, { namespaces }: Pick<World, 'namespaces'>, plan: Plan): boolean => {
  if (revision !== plan.from) return false;
  const chosen = namespaces.get(namespace)?.labels['istio.io/rev'];
  return chosen === undefined || chosen === plan.tag;
};

const ofNoWorkload = ({ namespace, name, reason }: LoosePod): Left => ({
  what: `Pod ${namespace}/${name}`,
  why: reason,
  pods: [`${namespace}/${name}`],
});
