import { daemonSet, deployment, restart, statefulSet } from '../../cases/objects.ts';
import { at } from '../../observation.ts';
import type { MeshScene } from '../mesh-scene.ts';
import { entryOf } from '../mesh-state.ts';
import type { Story } from '../story.ts';
import { rolloutSentence } from './rollout-sentence.ts';

const Namespace = 'rollouts';
const Root = `/apis/apps/v1/namespaces/${Namespace}`;
const Pods = `/api/v1/namespaces/${Namespace}/pods`;
/** Lets every state last long enough to be told. */
const Unhurried = { minReadySeconds: 1 };

const Workloads = {
  deployments: deployment('web', 2, Unhurried),
  statefulsets: statefulSet('db', 2, Unhurried),
  daemonsets: daemonSet('agent', Unhurried),
};
type Plural = keyof typeof Workloads;

const nameIn = (plural: Plural) => Workloads[plural].metadata.name;

const isDone = (plural: Plural, object: unknown) => rolloutSentence(plural, object).done;

/** The revisions of a workload's ready pods, for example `1-30-4 1-31-0`. */
async function readyByRevision(s: MeshScene, plural: Plural): Promise<string> {
  const { body } = await s.get(`${Pods}?labelSelector=app%3D${nameIn(plural)}`);
  const pods = (at(body, 'items') ?? []) as unknown[];
  const ready = pods.filter(
    (pod) =>
      at(pod, 'metadata/deletionTimestamp') === undefined &&
      ((at(pod, 'status/conditions') ?? []) as unknown[]).some(
        (one) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True',
      ),
  );
  return ready
    .map((pod) => {
      const init = (at(pod, 'spec/initContainers') ?? []) as unknown[];
      const proxy = init.find((one) => at(one, 'name') === 'istio-proxy');
      return `${entryOf(pod, 'metadata/annotations', 'istio.io/rev')} ${String(at(proxy, 'image')).split('/').at(-1)}`;
    })
    .sort()
    .join(', ');
}

/** What `kubectl rollout status` would have said, each sentence once, and the pods at the end. */
async function restarted(s: MeshScene, plural: Plural): Promise<object> {
  const path = `${Root}/${plural}/${nameIn(plural)}`;
  const from = at((await s.get(`${Root}/${plural}`)).body, 'metadata/resourceVersion');
  const watching = await s.watch(`${Root}/${plural}?watch=true&resourceVersion=${from}`);
  const before = await readyByRevision(s, plural);
  await s.patch('strategic', path, restart());
  await s.until(`the rollout of ${path}`, () =>
    watching.events.some(({ object }) => at(object, 'metadata/generation') === 2 && isDone(plural, object)),
  );
  await s.backend.sleep(1_000);
  const said = watching.events.map(({ object }) => rolloutSentence(plural, object).text);
  return { before, said: [...new Set(said)], after: await readyByRevision(s, plural) };
}

export const restartsIntoTheMesh: Story['steps'] = {
  'workloads of the old revision': async (s) => {
    await s.namespace(Namespace, { 'istio.io/rev': 'default' });
    for (const [plural, object] of Object.entries(Workloads)) await s.given(`${Root}/${plural}`, object);
    const seen: Record<string, string> = {};
    for (const plural of Object.keys(Workloads) as Plural[]) {
      await s.untilObject(`${Root}/${plural}/${nameIn(plural)}`, (object) => isDone(plural, object));
      seen[plural] = await readyByRevision(s, plural);
    }
    return seen;
  },
  'the tag moves, and nothing that runs changes': async (s) => {
    await s.givenCommand('1.31.0', 'tag set default --revision 1-31-0 --overwrite');
    await s.backend.sleep(1_000);
    return {
      deployments: await readyByRevision(s, 'deployments'),
      statefulsets: await readyByRevision(s, 'statefulsets'),
      daemonsets: await readyByRevision(s, 'daemonsets'),
    };
  },
  'a restart takes a Deployment to the new revision': (s) => restarted(s, 'deployments'),
  'a restart takes a StatefulSet to the new revision': (s) => restarted(s, 'statefulsets'),
  'a restart takes a DaemonSet to the new revision': (s) => restarted(s, 'daemonsets'),
};
