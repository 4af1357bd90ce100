import type { Patch } from '../ports/kubernetes.ts';
import type { WorkloadObject } from '../ports/objects.ts';
import type { Restart } from './workload-definition.ts';

/** Which run and direction restarted a workload last: an annotation, in the pod template beside kubectl's, or on the object itself. */
export const tokenAnnotation = 'istio-canary-upgrade/run';

/** As `kubectl rollout restart`: another pod template, so that the controller replaces every pod by its own strategy. */
export function templateRestart({ token, now }: Restart): Pick<Patch, 'type' | 'body'> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date(now).toISOString(), [tokenAnnotation]: token };
  return { type: 'strategic-merge', body: { spec: { template: { metadata: { annotations } } } } };
}

export const tokenInTemplate = ({ spec }: WorkloadObject): string | undefined =>
  spec.template.metadata?.annotations?.[tokenAnnotation];
