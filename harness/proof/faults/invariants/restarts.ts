import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import type { WorkloadKind } from '../../../../src/model/workload-kind.ts';
import type { WorkloadObject } from '../../../../src/ports/objects.ts';
import { isWorkloadKind } from '../../../../src/workloads/workloads.ts';
import { restartedAt } from '../mesh-facts.ts';
import type { Write, Writers } from '../writers.ts';

export interface Restart {
  /** `Deployment foo/foo` */
  id: string;
  kind: WorkloadKind;
  namespace: string;
  name: string;
  runId: string;
  object: WorkloadObject;
}

/** Restarts that contenders made: a template that says another moment than before. */
export function onRestart(writers: Writers, listener: (restart: Restart) => void): void {
  writers.onWrite((write) => {
    const restart = restartIn(write);
    if (restart !== undefined) listener(restart);
  });
}

function restartIn(write: Write): Restart | undefined {
  if (!('change' in write) || write.change.type !== 'MODIFIED') return undefined;
  const { object, previous } = write.change;
  const kind = write.change.kind.kind;
  if (!isWorkloadKind(kind) || object.metadata.namespace === 'istio-system') return undefined;
  if (restartedAt(asWorkload(object)) === restartedAt(asWorkload(previous))) return undefined;
  const { namespace = '', name } = object.metadata;
  return { id: `${kind} ${namespace}/${name}`, kind, namespace, name, runId: write.runId, object: asWorkload(object) };
}

function asWorkload(object: KubernetesObject): WorkloadObject;
function asWorkload(object: KubernetesObject | undefined): WorkloadObject | undefined;
function asWorkload(object: KubernetesObject | undefined): WorkloadObject | undefined {
  return object as WorkloadObject | undefined;
}
