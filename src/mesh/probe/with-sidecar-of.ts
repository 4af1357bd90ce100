import type { Pod } from '../../ports/objects.ts';
import { isSidecarContainer } from '../../workloads/sidecar-containers.ts';

const annotations = ['sidecar.istio.io/status', 'istio.io/rev'];
/** Made by the API server for each pod anew. */
const tokenVolume = /^kube-api-access-/;

/** A pod that has not been injected, with the sidecar of a live pod of the same workload, and left alone by injectors. */
export function withSidecarOf(donor: Pod, pod: Pod): Pod {
  const { metadata, spec } = pod;
  const sidecar = {
    containers: donor.spec.containers.filter(isSidecar).map(withoutToken),
    initContainers: (donor.spec.initContainers ?? []).filter(isSidecar).map(withoutToken),
  };
  const own = new Set((spec.volumes ?? []).map(({ name }) => name));
  const mounted = new Set(
    [...sidecar.containers, ...sidecar.initContainers].flatMap(({ volumeMounts = [] }) =>
      volumeMounts.map(({ name }) => name),
    ),
  );
  const brought = (donor.spec.volumes ?? []).filter(({ name }) => mounted.has(name) && !own.has(name));
  const written = annotations.flatMap((key) => {
    const value = donor.metadata.annotations?.[key];
    return value === undefined ? [] : [[key, value]];
  });
  return {
    ...pod,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, 'sidecar.istio.io/inject': 'false' },
      annotations: { ...metadata.annotations, ...Object.fromEntries(written) },
    },
    spec: {
      ...spec,
      // An injected gateway names the container of its proxy in the template.
      containers: [...spec.containers.filter((each) => !isSidecar(each)), ...sidecar.containers],
      initContainers: [...sidecar.initContainers, ...(spec.initContainers ?? [])],
      volumes: [...(spec.volumes ?? []), ...brought],
    },
  };
}

type Container = Pod['spec']['containers'][number];

const isSidecar = ({ name }: Container): boolean => isSidecarContainer(name);

function withoutToken(container: Container): Container {
  const { volumeMounts } = container;
  if (volumeMounts === undefined) return container;
  return { ...container, volumeMounts: volumeMounts.filter(({ name }) => !tokenVolume.test(name)) };
}
