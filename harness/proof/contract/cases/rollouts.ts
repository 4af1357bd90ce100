import type { WatchEvent } from '../backend.ts';
import { cases } from '../contract-case.ts';
import { at, comparable } from '../observation.ts';
import type { Scene } from '../scene.ts';
import { daemonSet, deployment, restart, statefulSet } from './objects.ts';

const complete = (object: unknown) =>
  at(object, 'status/observedGeneration') === at(object, 'metadata/generation') &&
  at(object, 'status/updatedReplicas') === at(object, 'spec/replicas') &&
  at(object, 'status/availableReplicas') === at(object, 'spec/replicas') &&
  at(object, 'status/replicas') === at(object, 'spec/replicas');

const condition = (object: unknown, type: string) => {
  const found = ((at(object, 'status/conditions') ?? []) as unknown[]).find((one) => at(one, 'type') === type);
  return found === undefined ? 'none' : `${at(found, 'status')} ${at(found, 'reason')}`;
};

/** The events of one object from a version on, each state once. */
async function timeline(
  s: Scene,
  path: string,
  change: () => Promise<unknown>,
  isDone: (object: unknown) => boolean,
  show: (object: unknown) => unknown,
): Promise<unknown[]> {
  const [plural, name] = path.split('/');
  const from = at((await s.get(plural ?? '')).body, 'metadata/resourceVersion');
  const watching = await s.watch(`${plural}?watch=true&fieldSelector=metadata.name%3D${name}&resourceVersion=${from}`);
  await change();
  await s.until(`the rollout of ${path}`, () =>
    watching.events.some(({ type, object }) => type !== 'DELETED' && isDone(object)),
  );
  // What is still under way when it first looks done.
  await s.backend.sleep(1_000);
  return withoutRepeats(watching.events.map(({ object }: WatchEvent) => show(object)));
}

function withoutRepeats(states: readonly unknown[]): unknown[] {
  const texts = states.map((state) => JSON.stringify(comparable(state, new Map())));
  return states.filter((_, i) => texts[i] !== texts[i - 1]);
}

const numbers = (object: unknown, ...fields: readonly string[]) =>
  fields.map((field) => at(object, `status/${field}`) ?? 0).join(' ');
const lag = (object: unknown) =>
  Number(at(object, 'metadata/generation')) - Number(at(object, 'status/observedGeneration') ?? 0);
const revisionOf = (object: unknown) =>
  (at(object, 'metadata/annotations') as Record<string, string> | undefined)?.['deployment.kubernetes.io/revision'];

/** Lets every state last long enough to be told, by a busy controller too: kwok's pods are ready before it has looked twice. */
const Unhurried = { minReadySeconds: 3 };

/** Which states follow each other; the times are not compared. */
export const RolloutCases = cases({
  'a new Deployment of one pod': async (s) =>
    timeline(
      s,
      'deployments/a',
      () => s.given('deployments', deployment('a', 1, Unhurried)),
      complete,
      (o) =>
        `lag ${lag(o)}; replicas updated available unavailable ${numbers(o, 'replicas', 'updatedReplicas', 'availableReplicas', 'unavailableReplicas')}; ${condition(o, 'Available')}`,
    ),
  'a restart of a Deployment of one pod surges first': async (s) => {
    await s.given('deployments', deployment('a', 1, Unhurried));
    await s.untilObject('deployments/a', complete);
    const states = await timeline(
      s,
      'deployments/a',
      () => s.patch('strategic', 'deployments/a', restart()),
      (o) => complete(o) && at(o, 'metadata/generation') === 2,
      (o) =>
        `lag ${lag(o)}; replicas updated available unavailable ${numbers(o, 'replicas', 'updatedReplicas', 'availableReplicas', 'unavailableReplicas')}`,
    );
    // A busy controller tells of its new ReplicaSet and of that one's pod at once.
    return states.filter((state) => state !== 'lag 0; replicas updated available unavailable 1 0 1 1');
  },
  'a restart of a Deployment moves the revision annotation and its conditions in order': async (s) => {
    await s.given('deployments', deployment('a', 1));
    await s.untilObject(
      'deployments/a',
      (o) => complete(o) && condition(o, 'Progressing') === 'True NewReplicaSetAvailable',
    );
    const states = await timeline(
      s,
      'deployments/a',
      () => s.patch('strategic', 'deployments/a', restart()),
      (o) => complete(o) && at(o, 'metadata/generation') === 2,
      (o) => `${condition(o, 'Progressing')}; ${condition(o, 'Available')}; revision ${revisionOf(o)}`,
    );
    return states;
  },
  'a restart of a Deployment without surge goes down first': async (s) => {
    await s.given(
      'deployments',
      deployment('a', 1, {
        ...Unhurried,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      }),
    );
    await s.untilObject('deployments/a', complete);
    return timeline(
      s,
      'deployments/a',
      () => s.patch('strategic', 'deployments/a', restart()),
      (o) => complete(o) && at(o, 'metadata/generation') === 2,
      (o) => `available ${numbers(o, 'availableReplicas')}`,
    );
  },
  'a restart of a Deployment that recreates has nothing between': async (s) => {
    await s.given('deployments', deployment('a', 2, { ...Unhurried, strategy: { type: 'Recreate' } }));
    await s.untilObject('deployments/a', complete);
    const states = await timeline(
      s,
      'deployments/a',
      () => s.patch('strategic', 'deployments/a', restart()),
      (o) => complete(o) && at(o, 'metadata/generation') === 2,
      (o) => at(o, 'status/availableReplicas') ?? 0,
    );
    return { reachesZero: states.includes(0), first: states[0], last: states.at(-1) };
  },
  'a paused Deployment takes a new template up without rolling': async (s) => {
    await s.given('deployments', deployment('a', 1));
    await s.untilObject('deployments/a', complete);
    await s.patch('merge', 'deployments/a', { spec: { paused: true } });
    await s.patch('strategic', 'deployments/a', restart());
    const found = await s.untilObject('deployments/a', (o) => lag(o) === 0 && at(o, 'metadata/generation') === 3);
    return {
      counts: numbers(found, 'replicas', 'updatedReplicas', 'readyReplicas'),
      progressing: condition(found, 'Progressing'),
    };
  },
  'a Deployment back on an old template takes its old ReplicaSet up again': async (s) => {
    const first = await s.given('deployments', deployment('a', 1));
    await s.untilObject('deployments/a', complete);
    await s.patch('strategic', 'deployments/a', restart());
    await s.untilObject('deployments/a', (o) => complete(o) && at(o, 'metadata/generation') === 2);
    await s.patch('merge', 'deployments/a', { spec: { template: { metadata: { annotations: null } } } });
    await s.untilObject('deployments/a', (o) => complete(o) && at(o, 'metadata/generation') === 3);
    const { body } = await s.get('replicasets');
    const revisions = (at(body, 'items') as unknown[]).map((set) => revisionOf(set));
    return { before: at(first, 'metadata/generation'), revisions: revisions.sort() };
  },
  'a Deployment that cannot progress says so after its deadline': async (s) => {
    await s.given(
      'deployments',
      deployment('a', 1, {
        progressDeadlineSeconds: 2,
        template: {
          metadata: { labels: { app: 'a' } },
          spec: { nodeSelector: { nowhere: 'yes' }, containers: [{ name: 'app', image: 'example.org/app:1' }] },
        },
      }),
    );
    const found = await s.untilObject('deployments/a', (o) => condition(o, 'Progressing').includes('Deadline'));
    return { progressing: condition(found, 'Progressing'), available: condition(found, 'Available') };
  },
  'a ReplicaSet is named by its template and owned by its Deployment': async (s) => {
    await s.given('deployments', deployment('a', 1));
    await s.untilObject('deployments/a', complete);
    const { body } = await s.get('replicasets');
    const hash = String(at(body, 'items/0/metadata/labels/pod-template-hash'));
    s.words.set(hash, '<hash>');
    const set = at(body, 'items/0');
    const annotations = at(set, 'metadata/annotations');
    return {
      name: at(set, 'metadata/name'),
      annotations,
      owners: at(set, 'metadata/ownerReferences'),
      selector: at(set, 'spec/selector'),
      labels: at(set, 'metadata/labels'),
    };
  },
  'a pod of a Deployment is named, labelled and owned by its ReplicaSet': async (s) => {
    await s.given('deployments', deployment('a', 1));
    await s.untilObject('deployments/a', complete);
    const found = at((await s.get('pods')).body, 'items/0');
    s.words.set(String(at(found, 'metadata/labels/pod-template-hash')), '<hash>');
    return {
      prefix: at(found, 'metadata/generateName'),
      suffix: /-[a-z0-9]{5}$/.test(String(at(found, 'metadata/name'))),
      labels: at(found, 'metadata/labels'),
      owners: at(found, 'metadata/ownerReferences'),
      conditions: (at(found, 'status/conditions') as unknown[])
        .map((one) => `${at(one, 'type')}=${at(one, 'status')}`)
        .filter((text) => /^(Ready|ContainersReady|Initialized|PodScheduled)=/.test(text))
        .sort(),
      phase: at(found, 'status/phase'),
    };
  },
  'a new StatefulSet makes its pods one after the other': async (s) => {
    const states = await timeline(
      s,
      'statefulsets/a',
      () => s.given('statefulsets', statefulSet('a', 2, Unhurried)),
      (o) =>
        at(o, 'status/availableReplicas') === 2 && at(o, 'status/currentRevision') === at(o, 'status/updateRevision'),
      (o) =>
        `replicas available current updated ${numbers(o, 'replicas', 'availableReplicas', 'currentReplicas', 'updatedReplicas')}`,
    );
    return states;
  },
  'a restart of a StatefulSet replaces its pods from the last to the first': async (s) => {
    await s.given('statefulsets', statefulSet('a', 2));
    await s.untilObject('statefulsets/a', (o) => at(o, 'status/readyReplicas') === 2);
    const from = at((await s.get('pods')).body, 'metadata/resourceVersion');
    const watching = await s.watch(`pods?watch=true&resourceVersion=${from}`);
    await s.patch('strategic', 'statefulsets/a', restart());
    const done = await s.untilObject(
      'statefulsets/a',
      (o) =>
        lag(o) === 0 &&
        at(o, 'metadata/generation') === 2 &&
        at(o, 'status/updatedReplicas') === 2 &&
        at(o, 'status/readyReplicas') === 2 &&
        at(o, 'status/currentRevision') === at(o, 'status/updateRevision'),
    );
    return {
      // A controller that is behind with what it sees may replace a pod once more.
      order: [
        ...new Set(
          watching.events
            .filter(({ type }) => type !== 'MODIFIED')
            .map(({ type, object }) => `${type} ${at(object, 'metadata/name')}`),
        ),
      ],
      status: numbers(done, 'replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'),
    };
  },
  'a StatefulSet with a partition updates only from it upwards': async (s) => {
    await s.given(
      'statefulsets',
      statefulSet('a', 2, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }),
    );
    await s.untilObject('statefulsets/a', (o) => at(o, 'status/readyReplicas') === 2);
    await s.patch('strategic', 'statefulsets/a', restart());
    const found = await s.untilObject(
      'statefulsets/a',
      (o) =>
        at(o, 'status/updatedReplicas') === 1 &&
        at(o, 'status/readyReplicas') === 2 &&
        lag(o) === 0 &&
        at(o, 'metadata/generation') === 2,
    );
    return {
      status: numbers(found, 'replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas'),
      sameRevision: at(found, 'status/currentRevision') === at(found, 'status/updateRevision'),
    };
  },
  'a StatefulSet on delete waits until its pods are deleted': async (s) => {
    await s.given('statefulsets', statefulSet('a', 1, { updateStrategy: { type: 'OnDelete' } }));
    await s.untilObject('statefulsets/a', (o) => at(o, 'status/readyReplicas') === 1);
    await s.patch('strategic', 'statefulsets/a', restart());
    const waiting = await s.untilObject('statefulsets/a', (o) => at(o, 'metadata/generation') === 2 && lag(o) === 0);
    await s.remove('pods/a-0');
    const found = await s.untilObject(
      'statefulsets/a',
      (o) => at(o, 'status/updatedReplicas') === 1 && at(o, 'status/readyReplicas') === 1,
    );
    return {
      waiting: numbers(waiting, 'replicas', 'readyReplicas', 'updatedReplicas'),
      after: numbers(found, 'replicas', 'readyReplicas', 'updatedReplicas'),
    };
  },
  'a parallel StatefulSet makes all pods at once': async (s) => {
    await s.given('statefulsets', statefulSet('a', 3, { podManagementPolicy: 'Parallel' }));
    const found = await s.untilObject('statefulsets/a', (o) => at(o, 'status/readyReplicas') === 3);
    return numbers(found, 'replicas', 'readyReplicas', 'updatedReplicas');
  },
  'a pod of a StatefulSet is named by its ordinal': async (s) => {
    await s.given('statefulsets', statefulSet('a', 1));
    const set = await s.untilObject('statefulsets/a', (o) => at(o, 'status/readyReplicas') === 1);
    const { body } = await s.get('pods/a-0');
    s.words.set(String(at(set, 'status/updateRevision')), '<revision>');
    return {
      labels: at(body, 'metadata/labels'),
      owners: at(body, 'metadata/ownerReferences'),
      hostname: at(body, 'spec/hostname'),
      subdomain: at(body, 'spec/subdomain'),
    };
  },
  'a new DaemonSet has a pod a node': async (s) => {
    await s.given('daemonsets', daemonSet('a'));
    const found = await s.untilObject('daemonsets/a', (o) => at(o, 'status/numberAvailable') === 3);
    return at(found, 'status');
  },
  'a restart of a DaemonSet goes node by node': async (s) => {
    await s.given('daemonsets', daemonSet('a', Unhurried));
    await s.untilObject('daemonsets/a', (o) => at(o, 'status/numberAvailable') === 3);
    const states = await timeline(
      s,
      'daemonsets/a',
      () => s.patch('strategic', 'daemonsets/a', restart()),
      (o) =>
        at(o, 'metadata/generation') === 2 &&
        lag(o) === 0 &&
        at(o, 'status/updatedNumberScheduled') === 3 &&
        at(o, 'status/numberAvailable') === 3,
      (o) => o,
    );
    return {
      lagFirst: lag(states[0]),
      leastAvailable: Math.min(...states.map((o) => Number(at(o, 'status/numberAvailable') ?? 0))),
      updated: withoutRepeats(
        states.filter((o) => lag(o) === 0).map((o) => at(o, 'status/updatedNumberScheduled') ?? 0),
      ),
    };
  },
  'a DaemonSet with surge starts the new pod before the old one goes': async (s) => {
    await s.given(
      'daemonsets',
      // Without minReadySeconds: the controller does not come back to a surge pod that is ready and not yet available when
      // it looks, since the old pod of its node is, and such a rollout can stand still.
      daemonSet('a', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }),
    );
    await s.untilObject('daemonsets/a', (o) => at(o, 'status/numberAvailable') === 3);
    const from = at((await s.get('pods')).body, 'metadata/resourceVersion');
    const watching = await s.watch(`pods?watch=true&resourceVersion=${from}`);
    await s.patch('strategic', 'daemonsets/a', restart());
    const done = await s.untilObject(
      'daemonsets/a',
      (o) =>
        at(o, 'metadata/generation') === 2 &&
        lag(o) === 0 &&
        at(o, 'status/updatedNumberScheduled') === 3 &&
        at(o, 'status/numberAvailable') === 3,
    );
    return {
      first: watching.events.find(({ type }) => type !== 'MODIFIED')?.type,
      last: at(done, 'status/numberAvailable'),
    };
  },
  'a DaemonSet on delete waits until its pods are deleted': async (s) => {
    await s.given('daemonsets', daemonSet('a', { updateStrategy: { type: 'OnDelete' } }));
    await s.untilObject('daemonsets/a', (o) => at(o, 'status/numberAvailable') === 3);
    await s.patch('strategic', 'daemonsets/a', restart());
    const found = await s.untilObject('daemonsets/a', (o) => at(o, 'metadata/generation') === 2 && lag(o) === 0);
    return numbers(found, 'desiredNumberScheduled', 'updatedNumberScheduled', 'numberAvailable');
  },
});
