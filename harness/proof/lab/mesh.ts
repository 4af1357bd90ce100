import { DEFAULT_HOP, type Release, revisionFlags } from './hop.ts';
import type { Lab } from './lab.ts';
import { SEED_PROXIES, SEED_WORKLOADS, seedMeshObjects, type WorkloadName } from './seed-mesh-objects.ts';
import { waitUntil } from './wait-until.ts';

export interface SeedMeshOptions {
  from?: Release;
  /** The old control plane is there, with the tag `default`. */
  isInstalled?: boolean;
  signal?: AbortSignal;
  /** Gets a line per step. */
  tell?: (line: string) => void;
}

interface WorkloadObject {
  kind: WorkloadName['kind'];
  metadata: { name: string; namespace: string; generation: number };
  spec: { replicas?: number };
  status: {
    observedGeneration?: number;
    readyReplicas?: number;
    numberReady?: number;
    desiredNumberScheduled?: number;
  };
}

/**
 * Installs the old control plane (its installer takes the tag `default`) and the workloads of the seed mesh.
 * Resolves when every pod is ready and every proxy is connected.
 * @throws the failed command's error; DeadlinePassed
 */
export async function installSeedMesh(lab: Lab, options: SeedMeshOptions = {}): Promise<void> {
  const { from = DEFAULT_HOP.from, signal, tell = () => undefined } = options;
  const cancellable = signal ? { cancelSignal: signal } : {};
  if (options.isInstalled !== true) await installIstiod(lab, { from, tell, ...(signal && { signal }) });
  tell('starting the workloads of the seed mesh');
  await lab.exec(lab.binaries.kubectl, ['apply', '--server-side', '-f', '-'], {
    input: JSON.stringify(seedMeshObjects(from)),
    timeout: 60_000,
    ...cancellable,
  });
  const patience = { deadlineMs: 60_000, signal };
  await waitUntil('the readiness of the seed mesh', async () => areReady(await listWorkloads(lab)), patience);
  tell('waiting for its proxies to connect');
  const connected = async () => (await lab.status()).proxies.connected >= SEED_PROXIES;
  await waitUntil('the connection of every proxy', connected, patience);
}

/** Installs one istiod; its installer takes the tag `default` if nothing has it. @throws the failed command's error */
export async function installIstiod(lab: Lab, options: SeedMeshOptions = {}): Promise<void> {
  const { from = DEFAULT_HOP.from, signal, tell } = options;
  const settings = ['--set', 'profile=minimal', ...revisionFlags(from), '--readiness-timeout', '100s'];
  tell?.(`installing Istio ${from.version}`);
  await lab.exec(lab.binaries.istioctl(from.version), ['install', '-y', ...settings], {
    timeout: 150_000,
    ...(signal && { cancelSignal: signal }),
  });
}

async function listWorkloads(lab: Lab): Promise<WorkloadObject[]> {
  const list = ['get', 'deployments,statefulsets,daemonsets', '--all-namespaces', '--output', 'json'];
  const { stdout } = await lab.exec(lab.binaries.kubectl, list, { timeout: 30_000 });
  return (JSON.parse(String(stdout)) as { items: WorkloadObject[] }).items;
}

function areReady(workloads: readonly WorkloadObject[]): boolean {
  return SEED_WORKLOADS.every(({ kind, namespace, name }) => {
    const found = workloads.find(
      (object) => object.kind === kind && object.metadata.namespace === namespace && object.metadata.name === name,
    );
    return found !== undefined && isReady(found);
  });
}

function isReady({ metadata, spec, status }: WorkloadObject): boolean {
  const wanted = spec.replicas ?? status.desiredNumberScheduled ?? 0;
  const ready = status.readyReplicas ?? status.numberReady ?? 0;
  return status.observedGeneration === metadata.generation && wanted > 0 && ready === wanted;
}
