/** The fields of a Pod that the lab reads. */
export interface Pod {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    resourceVersion: string;
    labels?: Readonly<Record<string, string>>;
    annotations?: Readonly<Record<string, string>>;
    deletionTimestamp?: string;
    ownerReferences?: readonly { kind: string; name: string; controller?: boolean }[];
  };
  spec: {
    nodeName?: string;
    serviceAccountName?: string;
    containers: readonly Container[];
    initContainers?: readonly Container[];
  };
  status?: { phase?: string; podIP?: string; conditions?: readonly { type: string; status: string }[] };
}

export interface Container {
  name: string;
  image: string;
  args?: readonly string[];
  env?: readonly EnvVar[];
}

interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: { fieldRef?: { fieldPath: string } };
}

export const isIstiod = ({ metadata }: Pod) => metadata.labels?.['app'] === 'istiod';

export const isReady = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp === undefined &&
  status?.phase === 'Running' &&
  (status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');

/** The name of what the user made: Deployment, StatefulSet or DaemonSet. */
export function workloadOf({ metadata }: Pod): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (!owner) return metadata.name;
  const hash = metadata.labels?.['pod-template-hash'];
  return owner.kind === 'ReplicaSet' && hash ? owner.name.replace(`-${hash}`, '') : owner.name;
}

/** What comes after the image's last colon: the version of Istio. */
export const imageTag = (image: string) => image.slice(image.lastIndexOf(':') + 1);
