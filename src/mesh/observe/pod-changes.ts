import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import type { Plan } from '../../model/plan.ts';
import type { PodChange } from '../../model/pod-change.ts';
import { messageOf, UpgradeError } from '../../model/upgrade-error.ts';
import type { Workload, World } from '../../model/world.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { InjectorTexts, MeshTool } from '../../ports/mesh-tool.ts';
import type { ConfigMap, Pod } from '../../ports/objects.ts';
import { configurationNames } from '../configuration.ts';
import { podSettings } from '../probe/pod-settings.ts';
import { probeOf } from '../probe/probe-of.ts';
import type { Tried } from '../probe/try-pod.ts';
import { tryRendered } from '../probe/try-rendered.ts';
import { tryUnder } from '../probe/try-under.ts';
import { witnessesOf } from './injections.ts';
import { observeNativeSidecars } from './native-sidecars.ts';
import { podsOf } from './troubles.ts';

type Mesh = Pick<World, 'webhooks' | 'namespaces'>;

/** The injector of the target: installed, or its texts as the installer would install them. */
export type TargetInjector = 'installed' | { texts: InjectorTexts; env: string | undefined };

/** Workloads of a class that are asked when the first ones say nothing. */
const triedMax = 3;

/** A pod of each class with the sidecar of either revision: what differs is what the upgrade changes in it. */
export async function observePodChanges(
  { cluster, meshTool }: { cluster: Cluster; meshTool: MeshTool },
  followers: readonly Workload[],
  injector: TargetInjector,
  plan: Plan,
  seen: Mesh,
): Promise<readonly PodChange[]> {
  const mesh = { ...seen, istioNamespace: plan.istioNamespace };
  // A webhook may select what its injector leaves alone: live pods show it.
  const movable = followers.filter(
    ({ hasFixedProxy, pods }) => !hasFixedProxy && pods.keys().some((of) => of !== 'none'),
  );
  const classes = await witnessesOf(cluster, seen.namespaces, movable);
  const native = injector === 'installed' ? false : await observeNativeSidecars(cluster, injector.env);
  const ask = async (workload: Workload, others: number): Promise<PodChange | undefined> => {
    const about = { workload: workload.id, others, toIs: injector === 'installed' ? 'injected' : 'rendered' } as const;
    const pod = await probeOf(cluster, workload);
    if (pod === undefined) return undefined;
    const members = () => podsOf(cluster, workload);
    const from = await tryUnder(cluster, pod, plan.from, mesh, members);
    const { pod: before } = from;
    if (before === undefined) return unknown(about, from);
    const to =
      injector === 'installed'
        ? await tryUnder(cluster, pod, plan.to, mesh, members)
        : await rendered(() =>
            tryRendered({ cluster, meshTool }, pod, plan.to, injector.texts, native ?? isNative(before)),
          );
    if (to.pod === undefined) return unknown(about, to);
    return { ...about, pods: { from: podSettings(before, plan.from), to: podSettings(to.pod, plan.to) } };
  };
  const changes = await Promise.all(
    classes.map(async (members) => {
      let last: PodChange | undefined;
      for (const workload of members.slice(0, triedMax)) {
        last = await ask(workload, members.length - 1);
        if (last !== undefined && !('unknown' in last.pods)) break;
      }
      return last;
    }),
  );
  return changes.flatMap((change) => change ?? []);
}

/** The injector's texts in a manifest; `undefined` when it holds none. */
export function injectorTexts(objects: readonly KubernetesObject[], revision: string): InjectorTexts | undefined {
  const names = configurationNames(revision);
  const text = (name: string, key: string) =>
    (objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name) as ConfigMap | undefined)
      ?.data?.[key];
  const [mesh, config, values] = [
    text(names.mesh, 'mesh'),
    text(names.injector, 'config'),
    text(names.injector, 'values'),
  ];
  return mesh === undefined || config === undefined || values === undefined ? undefined : { mesh, config, values };
}

/** That istioctl cannot render something that is only shown stops nothing. */
async function rendered(render: () => Promise<Tried>): Promise<Tried> {
  try {
    return await render();
  } catch (failure) {
    if (!(failure instanceof UpgradeError)) throw failure;
    return { answer: { unknown: messageOf(failure) } };
  }
}

/** What is refused, and what a full quota keeps from being asked, is told where the pods are tried for their own sake. */
const unknown = (about: Omit<PodChange, 'pods'>, { answer }: Tried): PodChange | undefined =>
  'unknown' in answer ? { ...about, pods: { unknown: answer.unknown } } : undefined;

const isNative = ({ spec }: Pod): boolean => (spec.initContainers ?? []).some(({ name }) => name === 'istio-proxy');
