import { refusedInPlace } from '../mesh/probe/refused-in-place.ts';
import type { EffectOf } from '../model/effect.ts';
import { formatRestartMark } from '../model/restart-mark.ts';
import { defineError } from '../model/upgrade-error.ts';
import type { Cluster, Kind, Target } from '../ports/kubernetes.ts';
import type { WorkloadObject } from '../ports/objects.ts';
import { definitionOf, workloadId } from '../workloads/workloads.ts';
import type { EffectDefinition } from './effect-definition.ts';
import { fieldManager } from './field-manager.ts';

/** How often the restart is sent; it is safe to repeat, because its mark shows whether it was made. */
const attemptsMax = 3;

/** Restarts a workload by one write. */
export const restartWorkload: EffectDefinition<'restart-workload'> = {
  describe: ({ workload }) => `restart ${describeWorkload(workload)}`,
  isNote: false,
  // Restarts are journalled by wave: their mark makes each of them idempotent, and one write for each workload is enough.
  journalled: false,
  // Restarts come by the thousand, and the numbers of earlier waves do not depend on them.
  leavesValid: ['judged'],
  object: ({ workload }) => objectOf(workload),
  perform: async ({ workload, by }, { cluster, now, plan }) => {
    const refused = await refusedInPlace(cluster, workload, plan);
    if (refused !== undefined) throw PodsWouldBeRefused.of(describeWorkload(workload), refused);
    await restart(cluster, workload, formatRestartMark(by), now);
  },
};

export const PodsWouldBeRefused = defineError({
  code: 'PODS_WOULD_BE_REFUSED',
  title: 'A restart would cost a workload its pods: new ones are refused.',
  cause:
    'An admission policy or PodSecurity refuses a dry-run pod of the workload, and its controller ends an old pod before it makes a new one. The workload is not restarted and set aside: the others go on.',
  message: (workload: string, reason: string) =>
    `${workload}: it is not restarted, since its new pods would be refused: ${reason}`,
  hint: 'Change the policy, then run again; or waive the workload.',
  actor: 'platform',
  state: 'The old pods keep serving.',
  exit: 'held',
  blames: 'surroundings',
  setsAside: true,
  whileWriting: 'stops the stage',
});

type Workload = EffectOf<'restart-workload'>['workload'];

const describeWorkload = ({ kind, namespace, name }: Workload): string => workloadId(kind, namespace, name);

const objectOf = ({ kind, namespace, name }: Workload): { resource: Kind; target: Target } => ({
  resource: definitionOf(kind).resource,
  target: { name, namespace },
});

async function restart(cluster: Cluster, workload: Workload, token: string, now: number): Promise<void> {
  const { resource, target } = objectOf(workload);
  const { restartPatch, tokenOf } = definitionOf(workload.kind);
  const patch = { ...restartPatch({ token, now }), fieldManager };
  for (let attempt = 1; ; attempt++) {
    try {
      await cluster.patch(resource, target, patch);
      return;
    } catch (failure) {
      // A lost answer does not say whether the write was made; the token in the object does. The read waits for the API server.
      const object = await cluster.get<WorkloadObject>(resource, target.name, target.namespace);
      if (object === undefined || tokenOf(object) === token) return;
      if (attempt === attemptsMax) throw failure;
    }
  }
}
