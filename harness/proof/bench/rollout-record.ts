import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import { DaemonSets, Deployments, StatefulSets } from '../../../src/ports/kinds.ts';
import type { Kind } from '../../../src/ports/kubernetes.ts';
import type { WorkloadObject } from '../../../src/ports/objects.ts';
import { isRolledOut } from './script/rollout-status.ts';

/** From the write of a new template to the last updated and available pod; milliseconds. */
export interface RolloutTime {
  namespace: string;
  name: string;
  from: number;
  to: number;
}

/** The kinds of workloads whose rollouts are recorded. */
export const rollouts: readonly Kind[] = [Deployments, StatefulSets, DaemonSets];
const plurals = new Set(rollouts.map(({ plural }) => plural));

/** When each rollout began and ended, and how many ran at one time: from every version of the workloads, whichever program upgrades. */
export class RolloutRecord {
  readonly ended: RolloutTime[] = [];
  mostAtOnce = 0;
  readonly #restarts = new Map<string, string | undefined>();
  readonly #running = new Map<string, Omit<RolloutTime, 'to'>>();

  /** @param at when this version was written, as far as the caller knows */
  observe(kind: Kind, object: KubernetesObject, at: number): void {
    if (!plurals.has(kind.plural)) return;
    const workload = object as WorkloadObject;
    const { namespace = '', name } = workload.metadata;
    const key = `${kind.plural} ${namespace}/${name}`;
    const restart = restartOf(workload);
    if (this.#restarts.has(key) && this.#restarts.get(key) !== restart) {
      this.#running.set(key, { namespace, name, from: at });
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#running.size);
    }
    this.#restarts.set(key, restart);
    const running = this.#running.get(key);
    if (running === undefined || !isRolledOut(kind.kind, workload)) return;
    this.#running.delete(key);
    this.ended.push({ ...running, to: at });
  }
}

const restartOf = ({ spec }: WorkloadObject) =>
  spec.template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt'];
