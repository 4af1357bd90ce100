import { at } from '../../observation.ts';
import { outcome } from '../../scene.ts';
import { IstioDeployments, IstioServices, type MeshScene, Mutating } from '../mesh-scene.ts';
import type { Story } from '../story.ts';
import { injectionOf } from './injection-of.ts';

const Istiod = `${IstioDeployments}/istiod-1-30-4`;
const Service = `${IstioServices}/istiod-1-30-4`;
const Foo = '/apis/apps/v1/namespaces/foo/deployments/foo';
const Tag = `${Mutating}/istio-revision-tag-default`;
const Config = '/apis/networking.istio.io/v1/namespaces/foo/sidecars?dryRun=All';
/** Short enough to wait for. */
const TimeoutSeconds = 2;
/** Within which a controller tells of a failure. */
const EventMs = 5_000;

/** What the API answers to a pod in the mesh, one in another namespace, and a piece of Istio's configuration. */
async function answers(s: MeshScene): Promise<object> {
  return {
    pod: outcome(await s.probe('foo')),
    outside: (await s.probe('outside')).status,
    optedOut: (await s.probe('foo', { labels: { 'sidecar.istio.io/inject': 'false' } })).status,
    configuration: outcome(
      await s.post(Config, {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Sidecar',
        metadata: { name: 'a' },
        spec: { egress: [{ hosts: ['./*'] }] },
      }),
    ),
  };
}

/** Until the API server has noticed: it is told of Services and endpoints some moments after they were stored. */
async function untilRefused(s: MeshScene, words: string): Promise<void> {
  await s.until(`pods to be refused: ${words}`, async () => {
    const { body } = await s.probe('foo');
    return String(at(body, 'message')).includes(words);
  });
}

/** The first webhook of the default tag, and the Service it calls. */
async function firstOf(s: MeshScene): Promise<{ webhook: object; service: unknown }> {
  const webhook = at((await s.get(Tag)).body, 'webhooks/0') as object;
  return { webhook, service: at(webhook, 'clientConfig/service') };
}

const healed = async (s: MeshScene) => {
  await s.until('injection', async () => injectionOf(await s.probe('foo')).startsWith('1-30-4'));
  return injectionOf(await s.probe('foo'));
};

/** Lets istiod start again: the API server looks for it only when no connection to it is open. */
async function withoutConnections(s: MeshScene): Promise<void> {
  await s.mesh.trouble('1-30-4', 'refuses connections');
  await s.backend.sleep(500);
  await s.mesh.trouble('1-30-4', 'answers');
}

const scale = (s: MeshScene, replicas: number) => s.patch('merge', Istiod, { spec: { replicas } });

async function conditionsOf(s: MeshScene): Promise<string[]> {
  const { body } = await s.get(Foo);
  return ((at(body, 'status/conditions') ?? []) as unknown[])
    .map((one) => `${at(one, 'type')}=${at(one, 'status')} ${at(one, 'reason')}: ${at(one, 'message')}`)
    .map((line) => line.replace(/"foo-[a-z0-9]+"/, '"foo-<hash>"'))
    .sort();
}

/** 35-empty-cabundle, 39-webhook-down. */
export const DeadWebhooks: Story = {
  title: 'a webhook that does not answer',
  steps: {
    'a mesh that works': async (s) => {
      await s.givenCommand('1.30.4', 'install -y --set profile=minimal --revision 1-30-4 --readiness-timeout 100s');
      await s.namespace('foo', { 'istio.io/rev': 'default' });
      await s.namespace('outside');
      await s.workload('foo', 'foo');
      await s.state();
      return answers(s);
    },
    'istiod hangs': async (s) => {
      const { body } = await s.get(Tag);
      const webhooks = (at(body, 'webhooks') as object[]).map((one) => ({ ...one, timeoutSeconds: TimeoutSeconds }));
      await s.patch('merge', Tag, { webhooks });
      await s.backend.sleep(1_000);
      await s.mesh.trouble('1-30-4', 'hangs');
      const before = s.backend.now();
      const pod = outcome(await s.probe('foo'));
      const waited = s.backend.now() - before;
      await s.mesh.trouble('1-30-4', 'answers');
      return { pod, waitedForIt: waited >= TimeoutSeconds * 1_000 && waited < TimeoutSeconds * 1_000 + 1_500 };
    },
    'istiod goes on': async (s) => {
      const { body } = await s.get(Tag);
      const webhooks = (at(body, 'webhooks') as object[]).map((one) => ({ ...one, timeoutSeconds: 10 }));
      await s.patch('merge', Tag, { webhooks });
      return healed(s);
    },
    'istiod is dead and still listed as an endpoint': async (s) => {
      await s.mesh.trouble('1-30-4', 'refuses connections');
      await untilRefused(s, 'connection refused');
      const seen = await answers(s);
      await s.mesh.trouble('1-30-4', 'answers');
      return seen;
    },
    'istiod is started again': healed,
    'istiod is scaled away': async (s) => {
      await scale(s, 0);
      await untilRefused(s, 'no endpoints available');
      return answers(s);
    },
    'a restart meanwhile keeps the old pods': async (s) => {
      await s.patch('strategic', Foo, {
        spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } },
      });
      const found = await s.untilObject(Foo, (object) =>
        JSON.stringify(at(object, 'status/conditions') ?? []).includes('ReplicaFailure'),
      );
      const { body } = await s.get('/apis/apps/v1/namespaces/foo/replicasets');
      const sets = (at(body, 'items') as unknown[]).map((set) => ({
        wanted: at(set, 'spec/replicas'),
        ready: at(set, 'status/readyReplicas') ?? 0,
        conditions: ((at(set, 'status/conditions') ?? []) as unknown[]).map(
          (one) => `${at(one, 'type')}=${at(one, 'status')} ${at(one, 'reason')}: ${at(one, 'message')}`,
        ),
      }));
      const { replicas, readyReplicas, updatedReplicas, unavailableReplicas } = at(found, 'status') as Record<
        string,
        unknown
      >;
      return {
        counts: { replicas, readyReplicas, updatedReplicas, unavailableReplicas },
        conditions: await conditionsOf(s),
        sets: sets.sort((a, b) => Number(b.ready) - Number(a.ready)),
      };
    },
    'the events of the restart': async (s) => {
      const path = '/api/v1/namespaces/foo/events?fieldSelector=reason%3DFailedCreate';
      const events = async () => (at((await s.get(path)).body, 'items') ?? []) as unknown[];
      const deadline = s.backend.now() + EventMs;
      while ((await events()).length === 0 && s.backend.now() < deadline) await s.backend.sleep(100);
      const [first] = await events();
      return first === undefined
        ? 'none'
        : {
            type: at(first, 'type'),
            reason: at(first, 'reason'),
            message: at(first, 'message'),
            kind: at(first, 'involvedObject/kind'),
            component: at(first, 'source/component') ?? at(first, 'reportingComponent'),
          };
    },
    'everything heals when istiod is back': async (s) => {
      await scale(s, 1);
      await s.untilObject(
        Foo,
        (object) =>
          at(object, 'status/updatedReplicas') === 2 &&
          at(object, 'status/readyReplicas') === 2 &&
          at(object, 'status/replicas') === 2,
      );
      return { injection: await healed(s), conditions: await conditionsOf(s) };
    },
    'the Service selects no pod, while the API server has a connection open': async (s) => {
      await s.patch('merge', Service, { spec: { selector: { app: 'missing' } } });
      await s.backend.sleep(2_000);
      return injectionOf(await s.probe('foo'));
    },
    'the Service selects no pod': async (s) => {
      await withoutConnections(s);
      await untilRefused(s, 'no endpoints available');
      const seen = await answers(s);
      await s.patch('merge', Service, { spec: { selector: { app: 'istiod' } } });
      return seen;
    },
    'the Service selects istiod again': healed,
    'the Service is gone': async (s) => {
      const { body } = await s.get(Service);
      await s.remove(Service);
      await withoutConnections(s);
      await untilRefused(s, 'not found');
      const seen = await answers(s);
      await s.given(IstioServices, {
        metadata: { name: at(body, 'metadata/name'), labels: at(body, 'metadata/labels') },
        spec: { ports: at(body, 'spec/ports'), selector: at(body, 'spec/selector') },
      });
      return seen;
    },
    'the Service is there again': healed,
    'a webhook without certificate': async (s) => {
      const { webhook, service } = await firstOf(s);
      // Without a revision no istiod puts its certificate in.
      await s.given(Mutating, {
        metadata: { name: 'aa-without-certificate' },
        webhooks: [
          {
            ...webhook,
            clientConfig: { service },
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'outside' } },
          },
        ],
      });
      await s.until('it to be called', async () => (await s.probe('outside')).status !== 201);
      const seen = outcome(await s.probe('outside'));
      await s.remove(`${Mutating}/aa-without-certificate`);
      return seen;
    },
    'a webhook without certificate that may be ignored': async (s) => {
      const { webhook, service } = await firstOf(s);
      await s.given(Mutating, {
        metadata: { name: 'aa-ignored' },
        webhooks: [{ ...webhook, clientConfig: { service }, failurePolicy: 'Ignore' }],
      });
      await s.backend.sleep(1_500);
      const seen = injectionOf(await s.probe('foo'));
      await s.remove(`${Mutating}/aa-ignored`);
      return seen;
    },
  },
};
