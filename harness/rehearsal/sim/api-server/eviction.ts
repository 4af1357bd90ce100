import { DisruptionBudgets, Pods } from '../../../../src/ports/kinds.ts';
import type { Target } from '../../../../src/ports/kubernetes.ts';
import type { Pod, PodDisruptionBudget } from '../../../../src/ports/objects.ts';
import { isMap, type JsonMap } from './json.ts';
import type { Registry } from './registry.ts';
import { matchesSelector } from './selectors.ts';
import { badRequest, StatusFailure, tooManyRequests } from './status-failure.ts';

/**
 * Deletes a pod if its disruption budget allows it, and takes the deletion off the budget at once, as the real server does.
 * @throws StatusFailure TooManyRequests with a cause if the budget forbids it; 500 if two budgets cover the pod
 */
export function evict(registry: Registry, { name, namespace }: Target, body: JsonMap, dryRun: boolean): object {
  const metadata = isMap(body['metadata']) ? body['metadata'] : {};
  if (metadata['name'] !== undefined && metadata['name'] !== name)
    throw badRequest('name in URL does not match name in Eviction object');
  const pod = registry.get<Pod>(Pods, name, namespace);
  const options = isMap(body['deleteOptions']) ? body['deleteOptions'] : {};
  const isTrial = dryRun || Array.isArray(options['dryRun']);
  const grace = options['gracePeriodSeconds'];
  // Evicting a finished or unscheduled pod costs no capacity.
  if (isServing(pod)) spendBudget(registry, pod, isTrial);
  registry.delete(Pods, pod.metadata, {
    dryRun: isTrial,
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
  });
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

function isServing({ metadata, status }: Pod): boolean {
  return !metadata.deletionTimestamp && status?.phase === 'Running';
}

function spendBudget(registry: Registry, { metadata }: Pod, isTrial: boolean): void {
  const covering = registry.store
    .list<PodDisruptionBudget>(DisruptionBudgets, metadata.namespace)
    .filter(({ spec }) => matchesSelector(spec.selector, metadata.labels));
  if (covering.length > 1) {
    throw new StatusFailure(
      500,
      undefined,
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const [budget] = covering;
  if (!budget) return;
  const { status, metadata: its } = budget;
  const allowed = status?.disruptionsAllowed ?? 0;
  if (allowed < 1) {
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${its.name} does not allow evicting pods currently`,
        },
      ],
    });
  }
  if (!isTrial) registry.writeStatus(DisruptionBudgets, its, { ...status, disruptionsAllowed: allowed - 1 });
}
