import { crashIstiod } from '../../proof/kind/crash-istiod.ts';
import type { Run } from '../../proof/kind/kind-cli.ts';
import { waitUntil } from '../../proof/lab/wait-until.ts';
import type { ChangeShape } from '../model/scenario-schema.ts';

interface Place {
  run: Run;
  kubeconfig: string;
  /** The container that is the node. */
  node: string;
  oldRevision: string;
  signal: AbortSignal;
}

type Kubectl = (...words: readonly string[]) => Promise<string>;

const crashesWithin = { deadlineMs: 120_000, everyMs: 1_000 };

/**
 * Changes a cluster of kind as other people and programs would. Resolves when the cluster shows it.
 * @throws what a command failed with; DeadlinePassed
 */
export async function othersOnKind(place: Place, { paused, podSecurity, oldIstiod }: ChangeShape): Promise<void> {
  const kubectl = kubectlOf(place);
  for (const id of paused) {
    const [namespace = '', name = ''] = id.split('/');
    await kubectl('rollout', 'pause', `deployment/${name}`, '--namespace', namespace);
  }
  await enforceOnKind(place, podSecurity);
  if (oldIstiod !== undefined) await secondReplicaCrashes(place, kubectl);
}

/** Pods that have started keep running, whatever the level says of them. */
export async function enforceOnKind(
  place: Pick<Place, 'run' | 'kubeconfig'>,
  levels: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [namespace, level] of Object.entries(levels))
    await kubectlOf(place)('label', 'namespace', namespace, `pod-security.kubernetes.io/enforce=${level}`);
}

async function secondReplicaCrashes({ run, node, oldRevision, signal }: Place, kubectl: Kubectl): Promise<void> {
  const istiod = [`deployment/istiod-${oldRevision}`, '--namespace', 'istio-system'];
  await crashIstiod(run, node, oldRevision, { onlyLater: true });
  await kubectl('scale', ...istiod, '--replicas=2');
  const ready = async () =>
    await kubectl('get', ...istiod, '--output', 'jsonpath={.status.readyReplicas} of {.status.replicas}');
  await waitUntil('the old istiod to be at 1 of 2', async () => (await ready()) === '1 of 2', {
    ...crashesWithin,
    signal,
  });
}

const kubectlOf =
  ({ run, kubeconfig }: Pick<Place, 'run' | 'kubeconfig'>): Kubectl =>
  (...words) =>
    run(['kubectl', '--kubeconfig', kubeconfig, ...words], { timeoutMs: 30_000 });
