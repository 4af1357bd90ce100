import { argoRolloutController } from './argo-rollout.ts';
import type { ControllerContext } from './controller.ts';
import { daemonSetController } from './daemon-set.ts';
import { deploymentController } from './deployment.ts';
import { disruptionBudgetController } from './disruption-budget.ts';
import { endpointSliceController } from './endpoint-slice.ts';
import { garbageCollector } from './garbage-collector.ts';
import { Kubelet } from './kubelet.ts';
import { replicaSetController } from './replica-set.ts';
import { statefulSetController } from './stateful-set.ts';

/** Starts everything that makes a cluster more than its store. */
export function startControllers({ registry, clock, random }: ControllerContext): { kubelet: Kubelet } {
  // Each draws from a stream of its own: one controller more must not change what the others do.
  const context = (name: string): ControllerContext => ({ registry, clock, random: random.fork(name) });
  const kubelet = new Kubelet(context('kubelet'));
  const reactions = [
    deploymentController(context('deployment')),
    replicaSetController(context('replica-set')),
    statefulSetController(context('stateful-set')),
    daemonSetController(context('daemon-set')),
    argoRolloutController(context('argo-rollout')),
    endpointSliceController(context('endpoint-slice')),
    disruptionBudgetController(context('disruption-budget')),
    garbageCollector(context('garbage-collector')),
    kubelet.onChange,
  ];
  registry.store.onChange((change) => {
    for (const react of reactions) react(change);
  });
  return { kubelet };
}
