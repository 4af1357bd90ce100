import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import { MutatingWebhooks, Pods } from '../../../src/ports/kinds.ts';
import type { WebhookConfiguration } from '../../../src/ports/objects.ts';
import { type Arena, isDone } from '../faults/arena.ts';
import { revisionIn, revisionOfTagWebhook } from '../faults/mesh-facts.ts';
import { isApiWrite, isOfLock } from '../faults/writers.ts';
import { type Trial, untilDone } from './trial.ts';

const errorRatio = 0.3;
const slowBurnMs = 150_000;

/** What an upgrade meets sooner or later, each alone. */
export const trials: readonly Trial[] = [
  { name: 'undisturbed', title: 'a good release, and nothing goes wrong' },
  { name: 'bad-release', title: 'the new release fails requests from its first proxy on', prepare: failFromTheFirst },
  {
    name: 'bad-release-and-scale-up',
    title: 'the same, and pods are born elsewhere while the canary is judged',
    prepare: (arena) => {
      failFromTheFirst(arena);
      onceRestarted(arena, 'bar', () => arena.sim.in(30_000, () => replacePods(arena, 'foo')));
    },
  },
  {
    name: 'slow-burn',
    title: 'the new release fails requests, but only some minutes after',
    prepare: (arena) => onceRestarted(arena, 'bar', () => arena.sim.in(slowBurnMs, () => fail(arena))),
  },
  {
    name: 'killed',
    title: 'killed while the second wave is restarted, and run again',
    play: async (arena, contender) => {
      const first = await arena.begin(contender);
      onceRestarted(arena, 'baz', () => arena.sim.in(500, first.kill));
      const end = await arena.sim.run(first.ended);
      return isDone(end) ? end : await untilDone(arena, contender);
    },
  },
  {
    name: 'uninjected-pod',
    title: 'a pod without a sidecar stands in the list of a namespace',
    prepare: ({ sim }) => {
      const metadata = { name: 'a-job', namespace: 'foo', labels: { 'sidecar.istio.io/inject': 'false' } };
      const spec = { containers: [{ name: 'app', image: 'registry.example/job:1' }] };
      sim.registry.create(Pods, { metadata, spec } as KubernetesObject, { manager: 'kubectl-create' });
    },
  },
  {
    name: 'image-pull',
    title: 'the image of the new proxy cannot be pulled for one namespace',
    prepare: ({ sim, task }) => {
      sim.kubelet.addRule({
        matches: (pod) => pod.metadata.namespace === 'baz' && revisionIn(pod) === task.to.revision,
        stage: 'image-pull',
      });
    },
  },
  {
    name: 'new-istiod-crashes',
    title: 'the new istiod crashes for good once the tag names it',
    prepare: (arena) => {
      const { sim, task } = arena;
      const isNewIstiod = ({ metadata }: KubernetesObject) => metadata.name.startsWith(`istiod-${task.to.revision}-`);
      sim.when(
        () => revisionOfTagWebhook(sim, task.tag) === task.to.revision,
        () => {
          sim.kubelet.addRule({ matches: isNewIstiod, stage: 'crash-loop' });
          for (const { metadata } of sim.pods('istio-system').filter(isNewIstiod))
            sim.registry.delete(Pods, { name: metadata.name, namespace: 'istio-system' });
        },
      );
    },
  },
  {
    name: 'prometheus-down',
    title: 'Prometheus dies when the canary is restarted, and does not come back',
    prepare: (arena) =>
      onceRestarted(arena, 'bar', () => {
        arena.sim.prometheus.faults.down = true;
      }),
  },
  {
    name: 'no-samples',
    title: 'Prometheus answers, but has had no samples since the canary was restarted',
    prepare: (arena) =>
      onceRestarted(arena, 'bar', () => {
        arena.sim.prometheus.faults.empty = true;
      }),
  },
  {
    name: 'second-run',
    title: 'a second run is started while the first one works',
    play: async (arena, contender) => {
      const first = await arena.begin(contender);
      const second = arena.sim.clock.sleep(4_000).then(async () => await (await arena.begin(contender)).ended);
      const [end] = await arena.sim.run(Promise.all([first.ended, second]));
      return isDone(end) ? end : await untilDone(arena, contender);
    },
  },
  { name: 'gitops-reverts-tag', title: 'GitOps puts the tag back whenever it is moved', prepare: keepTagBack },
  {
    name: 'lost-answers',
    title: 'every fourth write is done, but its answer is lost',
    prepare: ({ tampers }) => {
      let count = 0;
      tampers.push({
        onRequest: (request) =>
          isApiWrite(request) && !isOfLock(request) && ++count % 4 === 0 ? 'timeout-after-commit' : undefined,
      });
    },
  },
];

function fail({ sim, task }: Arena): void {
  sim.traffic.setErrorRatio({ revision: task.to.revision, ratio: errorRatio });
}

function failFromTheFirst(arena: Arena): void {
  arena.referee.weather.badRelease = true;
  fail(arena);
}

/** In the moment in which the namespace's first pod with the new proxy is born. */
function onceRestarted({ sim, task }: Arena, namespace: string, action: () => void): void {
  sim.when(() => sim.pods(namespace).some((pod) => revisionIn(pod) === task.to.revision), action);
}

function replacePods({ sim }: Arena, namespace: string): void {
  for (const { metadata } of sim.pods(namespace)) sim.registry.delete(Pods, { name: metadata.name, namespace });
}

function keepTagBack({ sim, task, referee }: Arena): void {
  const name = `istio-revision-tag-${task.tag}`;
  const { revision } = task.from;
  const revert = () => {
    const live = sim.store.get<WebhookConfiguration>(MutatingWebhooks, name);
    if (live === undefined || live.metadata.labels?.['istio.io/rev'] === revision) return;
    const service = (webhook: WebhookService) => ({ ...webhook.clientConfig.service, name: `istiod-${revision}` });
    const webhooks = live.webhooks?.map((webhook) => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, service: service(webhook) },
    }));
    referee.weather.foreignWrites.set('tag', sim.clock.now());
    const body = { metadata: { labels: { 'istio.io/rev': revision } }, webhooks };
    sim.registry.patch(MutatingWebhooks, { name }, { type: 'merge', body }, { manager: 'argocd-controller' });
  };
  sim.store.onChange(({ kind, object, type }) => {
    if (type === 'MODIFIED' && kind.plural === MutatingWebhooks.plural && object.metadata.name === name)
      sim.in(0, revert);
  });
}

type WebhookService = NonNullable<WebhookConfiguration['webhooks']>[number];
