import { ConfigMaps, Leases, MutatingWebhooks, Namespaces, Pods } from '../../../../src/ports/kinds.ts';
import type { WebhookConfiguration } from '../../../../src/ports/objects.ts';
import type { Arena } from '../arena.ts';
import { deleteLease, stealLease } from '../lease-writer.ts';
import { revisionIn, workloadKinds } from '../mesh-facts.ts';
import { aWhile, type Draw, someTime } from './trouble.ts';

const tagWebhook = 'istio-revision-tag-default';
const records = { name: 'istio-canary-upgrade-default', namespace: 'istio-system' };
const writers = {
  'GitOps puts the tag back': keepTagBack,
  'a person points the tag back once': putTagBackOnce,
  'a namespace loses its label': takeLabel,
  'a colleague restarts a workload': restartSomething,
  'GitOps takes annotations off a template': stripTemplate,
  'another client takes the lock': (arena: Arena) => once(() => stealLease(arena.sim)),
  'another client deletes the lock': (arena: Arena) => once(() => deleteLease(arena.sim)),
  'another client annotates lock and journal': annotateRecords,
} as const;

/** Another client writes to what the upgrade works on. */
export const foreignHand: Draw = (random) => {
  const what = random.pick(Object.keys(writers) as (keyof typeof writers)[]);
  const [atMs, forMs, pick] = [someTime(random), aWhile(random), random.below(1_000)];
  return { kind: 'F7', what, atMs, forMs, begin: ({ arena, isOver }) => writers[what](arena, pick, isOver) };
};

function once(write: () => void): () => void {
  write();
  return () => undefined;
}

const noteWrite = ({ referee, sim }: Arena, what: string): void => {
  referee.conditions.foreignWrites.set(what, sim.clock.now());
};

/** Whenever the webhook is moved, it is put back. */
function keepTagBack(arena: Arena): () => void {
  const { sim, task } = arena;
  let isOn = true;
  const revert = () => {
    const live = sim.store.get<WebhookConfiguration>(MutatingWebhooks, tagWebhook);
    const { revision } = task.from;
    if (!isOn || live === undefined || live.metadata.labels?.['istio.io/rev'] === revision) return;
    const webhooks = live.webhooks?.map((webhook) => ({
      ...webhook,
      clientConfig: {
        ...webhook.clientConfig,
        service: { ...webhook.clientConfig.service, name: `istiod-${revision}` },
      },
    }));
    noteWrite(arena, 'tag');
    const body = { metadata: { labels: { 'istio.io/rev': revision } }, webhooks };
    sim.registry.patch(
      MutatingWebhooks,
      { name: tagWebhook },
      { type: 'merge', body },
      { manager: 'argocd-controller' },
    );
  };
  revert();
  const stop = sim.store.onChange(({ kind, object, type }) => {
    if (kind.plural === MutatingWebhooks.plural && object.metadata.name === tagWebhook && type === 'MODIFIED')
      sim.in(5, revert);
  });
  return () => {
    isOn = false;
    stop();
  };
}

function putTagBackOnce(arena: Arena): () => void {
  return once(() => keepTagBack(arena)());
}

function takeLabel(arena: Arena, pick: number, isOver: () => boolean): () => void {
  const { sim, task } = arena;
  const namespaces = task.waves.flatMap((wave) => wave.namespaces);
  const name = namespaces[pick % namespaces.length] ?? '';
  const write = (value: string | null) => {
    for (const [kind, resource] of Object.entries(workloadKinds))
      for (const { metadata } of sim.store.list(resource, name)) noteWrite(arena, `${kind} ${name}/${metadata.name}`);
    const body = { metadata: { labels: { 'istio.io/rev': value } } };
    sim.registry.patch(Namespaces, { name }, { type: 'merge', body }, { manager: 'kubectl-label' });
  };
  write(null);
  return () => {
    write(task.tag);
    // While the upgrade is under way it is its business to find what came up without a proxy; afterwards that of the hand.
    if (!isOver()) return;
    for (const pod of sim.pods(name))
      if (revisionIn(pod) === 'none') sim.registry.delete(Pods, { name: pod.metadata.name, namespace: name });
  };
}

function restartSomething(arena: Arena, pick: number): () => void {
  return once(() =>
    patchTemplate(arena, pickWorkload(arena, pick), {
      'kubectl.kubernetes.io/restartedAt': new Date(arena.sim.clock.now()).toISOString(),
    }),
  );
}

function stripTemplate(arena: Arena, pick: number): () => void {
  return once(() =>
    patchTemplate(arena, pickWorkload(arena, pick), {
      'kubectl.kubernetes.io/restartedAt': null,
      'istio-canary-upgrade/run': null,
    }),
  );
}

interface Named {
  kind: keyof typeof workloadKinds;
  namespace: string;
  name: string;
}

function pickWorkload({ sim, task }: Arena, pick: number): Named {
  const all = task.waves
    .flatMap((wave) => wave.namespaces)
    .flatMap((namespace) =>
      (Object.keys(workloadKinds) as Named['kind'][]).flatMap((kind) =>
        sim.store.list(workloadKinds[kind], namespace).map(({ metadata: { name } }) => ({ kind, namespace, name })),
      ),
    );
  return all[pick % all.length] ?? raise('there is no workload to write to');
}

/** Another client changes annotations of a pod template, which begins a rollout. */
export function patchTemplate(
  arena: Arena,
  { kind, namespace, name }: Named,
  annotations: Record<string, string | null>,
): void {
  noteWrite(arena, `${kind} ${namespace}/${name}`);
  const body = { spec: { template: { metadata: { annotations } } } };
  arena.sim.registry.patch(
    workloadKinds[kind],
    { name, namespace },
    { type: 'merge', body },
    { manager: 'kubectl-rollout' },
  );
}

function annotateRecords(arena: Arena): () => void {
  return once(() => {
    for (const kind of [ConfigMaps, Leases]) {
      if (arena.sim.store.get(kind, records.name, records.namespace) === undefined) continue;
      const body = { metadata: { annotations: { 'seen-by': 'a colleague' } } };
      arena.sim.registry.patch(kind, records, { type: 'merge', body }, { manager: 'kubectl-annotate' });
    }
  });
}

function raise(message: string): never {
  throw new Error(message);
}
