import { at } from '../../observation.ts';

export interface RolloutSentence {
  text: string;
  done: boolean;
}

const Kinds = { deployments: 'deployment', statefulsets: 'statefulset', daemonsets: 'daemon set' };

/**
 * What `kubectl rollout status` says about an object.
 * @see https://github.com/kubernetes/kubectl/blob/v0.36.3/pkg/polymorphichelpers/rollout_status.go
 */
export function rolloutSentence(
  plural: 'deployments' | 'statefulsets' | 'daemonsets',
  object: unknown,
): RolloutSentence {
  const number = (path: string) => Number(at(object, path) ?? 0);
  const name = at(object, 'metadata/name');
  if (number('metadata/generation') > number('status/observedGeneration'))
    return waiting(`Waiting for ${Kinds[plural]} spec update to be observed...`);
  switch (plural) {
    case 'deployments':
      return ofDeployment(name, number);
    case 'statefulsets':
      return ofStatefulSet(number);
    case 'daemonsets':
      return ofDaemonSet(name, number);
  }
}

const waiting = (text: string): RolloutSentence => ({ text, done: false });
const over = (text: string): RolloutSentence => ({ text, done: true });

function ofDeployment(name: unknown, number: (path: string) => number): RolloutSentence {
  const [wanted, updated] = [number('spec/replicas'), number('status/updatedReplicas')];
  const [replicas, available] = [number('status/replicas'), number('status/availableReplicas')];
  const rollout = `Waiting for deployment "${name}" rollout to finish:`;
  if (updated < wanted) return waiting(`${rollout} ${updated} out of ${wanted} new replicas have been updated...`);
  if (replicas > updated) return waiting(`${rollout} ${replicas - updated} old replicas are pending termination...`);
  if (available < updated) return waiting(`${rollout} ${available} of ${updated} updated replicas are available...`);
  return over(`deployment "${name}" successfully rolled out`);
}

function ofStatefulSet(number: (path: string) => number): RolloutSentence {
  const [wanted, ready, updated] = [
    number('spec/replicas'),
    number('status/readyReplicas'),
    number('status/updatedReplicas'),
  ];
  if (ready < wanted) return waiting(`Waiting for ${wanted - ready} pods to be ready...`);
  // The API server writes the partition zero where none was given.
  const asked = wanted - number('spec/updateStrategy/rollingUpdate/partition');
  if (updated < asked)
    return waiting(
      `Waiting for partitioned roll out to finish: ${updated} out of ${asked} new pods have been updated...`,
    );
  return over(`partitioned roll out complete: ${updated} new pods have been updated...`);
}

function ofDaemonSet(name: unknown, number: (path: string) => number): RolloutSentence {
  const wanted = number('status/desiredNumberScheduled');
  const [updated, available] = [number('status/updatedNumberScheduled'), number('status/numberAvailable')];
  const rollout = `Waiting for daemon set "${name}" rollout to finish:`;
  if (updated < wanted) return waiting(`${rollout} ${updated} out of ${wanted} new pods have been updated...`);
  if (available < wanted) return waiting(`${rollout} ${available} of ${wanted} updated pods are available...`);
  return over(`daemon set "${name}" successfully rolled out`);
}
