import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import type { Pod } from '../../../../src/ports/objects.ts';
import { age } from './age.ts';
import type { Cell } from './cell.ts';

/** What `kubectl get pods` says of a pod, by the rules of the real printer: the first container in trouble gives the status. */
export function podCells(object: KubernetesObject, nowMs: number): Cell[] {
  const pod = object as Pod;
  const { metadata, spec, status } = pod;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const sidecarNames = new Set(sidecars.map(({ name }) => name));
  const counted = [
    ...(status?.initContainerStatuses ?? []).filter(({ name }) => sidecarNames.has(name)),
    ...(status?.containerStatuses ?? []),
  ];
  const ready = counted.filter(({ ready: isReady }) => isReady).length;
  const restarts = counted.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  return [
    metadata.name,
    `${ready}/${sidecars.length + spec.containers.length}`,
    reasonOf(pod, sidecarNames),
    String(restarts),
    age(metadata.creationTimestamp, nowMs),
    status?.podIP ?? '<none>',
    spec.nodeName ?? '<none>',
    '<none>',
    '<none>',
  ];
}

function reasonOf(pod: Pod, sidecars: ReadonlySet<string>): string {
  const { metadata, spec, status } = pod;
  if (metadata.deletionTimestamp) return 'Terminating';
  const inits = status?.initContainerStatuses ?? [];
  const stuck = inits.findIndex(({ name, state, ready }) =>
    sidecars.has(name) ? state?.running === undefined && !ready : endOf(state)?.exitCode !== 0,
  );
  if (stuck >= 0 && inits[stuck]) {
    const waiting = inits[stuck].state?.waiting?.reason;
    if (waiting && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${stuck}/${(spec.initContainers ?? []).length}`;
  }
  const trouble = (status?.containerStatuses ?? []).toReversed().flatMap(({ state }) => {
    const reason = state?.waiting?.reason ?? endOf(state)?.reason;
    return reason ? [reason] : [];
  });
  return trouble.at(-1) ?? status?.reason ?? status?.phase ?? 'Pending';
}

/** The product never looks at containers that ended, kubectl does. */
function endOf(state: object | undefined): { reason?: string; exitCode?: number } | undefined {
  return (state as { terminated?: { reason?: string; exitCode?: number } } | undefined)?.terminated;
}
