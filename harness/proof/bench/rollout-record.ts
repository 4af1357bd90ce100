import { DaemonSets, Deployments, StatefulSets } from '../../../src/ports/kinds.ts';
import type { WorkloadObject } from '../../../src/ports/objects.ts';
import type { Sim } from '../../rehearsal/sim/create-sim.ts';
import { isRolledOut } from './script/rollout-status.ts';

/** From the write of a new template to the last updated and available pod; virtual milliseconds. */
export interface RolloutTime {
  namespace: string;
  name: string;
  from: number;
  to: number;
}

const plurals = new Set([Deployments, StatefulSets, DaemonSets].map(({ plural }) => plural));

/** Watches the store, whichever program upgrades: when each rollout began and ended, and how many ran at one time. */
export class RolloutRecord {
  readonly ended: RolloutTime[] = [];
  mostAtOnce = 0;
  readonly #running = new Map<string, Omit<RolloutTime, 'to'>>();

  constructor(sim: Sim) {
    sim.store.onChange(({ kind, type, object, previous }) => {
      if (!plurals.has(kind.plural) || type !== 'MODIFIED') return;
      const workload = object as WorkloadObject;
      const { namespace = '', name } = workload.metadata;
      const key = `${kind.plural} ${namespace}/${name}`;
      if (restartOf(workload) !== restartOf(previous as WorkloadObject)) {
        this.#running.set(key, { namespace, name, from: sim.clock.now() });
        this.mostAtOnce = Math.max(this.mostAtOnce, this.#running.size);
      }
      const running = this.#running.get(key);
      if (running === undefined || !isRolledOut(kind.kind, workload)) return;
      this.#running.delete(key);
      this.ended.push({ ...running, to: sim.clock.now() });
    });
  }
}

const restartOf = ({ spec }: WorkloadObject) =>
  spec.template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt'];
