import type { Unhealthy, Workload } from '../../model/world.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import { podsOf, troublesOf } from './troubles.ts';

/** The pods of so many workloads are read for the reason; of the others their counts are told. */
const readMax = 50;

/** Workloads with fewer ready pods than they want, each with what keeps its first pod from being ready. */
export async function observeUnhealthy(
  cluster: Cluster,
  workloads: readonly Workload[],
): Promise<readonly Unhealthy[]> {
  const ailing = workloads.filter(({ rollout: { desired, ready } }) => ready < desired);
  return await Promise.all(
    ailing.map(async (workload, index) => {
      const { id, rollout } = workload;
      const { desired, ready } = rollout;
      const [trouble] = index < readMax ? troublesOf(workload, await podsOf(cluster, workload), cluster.now()) : [];
      const where = trouble?.container === undefined ? '' : `container ${trouble.container.name}: `;
      const why = trouble === undefined ? rollout.waitingFor : `${where}${trouble.reason}`;
      return { workload: id, desired, ready, why };
    }),
  );
}
