import { cases } from '../contract-case.ts';
import { at } from '../observation.ts';
import { outcome, pick } from '../scene.ts';
import { configMap, daemonSet, deployment, restart, statefulSet } from './objects.ts';

const generation = (body: unknown) => at(body, 'metadata/generation');

/** What counts as a change of the desired state, and the subresources. */
export const GenerationCases = cases({
  'a new Deployment, StatefulSet and DaemonSet have generation 1, a ConfigMap and a Service none': async (s) => ({
    deployment: generation(await s.given('deployments', deployment('a', 0))),
    statefulSet: generation(await s.given('statefulsets', statefulSet('a', 0))),
    daemonSet: generation(
      await s.given(
        'daemonsets',
        daemonSet('a', {
          template: {
            metadata: { labels: { app: 'a' } },
            spec: { nodeSelector: { nowhere: 'yes' }, containers: [{ name: 'app', image: 'example.org/app:1' }] },
          },
        }),
      ),
    ),
    configMap: generation(await s.given('configmaps', configMap('a'))) ?? null,
    service:
      generation(await s.given('services', { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } })) ?? null,
  }),
  'annotations of a Deployment count, although they are metadata': async (s) => {
    await s.given('deployments', deployment('a', 0));
    return generation(
      (await s.patch('merge', 'deployments/a', { metadata: { labels: { x: 'y' }, annotations: { x: 'y' } } })).body,
    );
  },
  'labels do not count': async (s) => {
    await s.given('deployments', deployment('a', 0));
    return generation((await s.patch('merge', 'deployments/a', { metadata: { labels: { x: 'y' } } })).body);
  },
  'annotations of a StatefulSet do not count': async (s) => {
    await s.given('statefulsets', statefulSet('a', 0));
    return generation((await s.patch('merge', 'statefulsets/a', { metadata: { annotations: { x: 'y' } } })).body);
  },
  'annotations of the template count': async (s) => {
    await s.given('deployments', deployment('a', 0));
    return generation((await s.patch('strategic', 'deployments/a', restart())).body);
  },
  'the same restart again does not count': async (s) => {
    await s.given('deployments', deployment('a', 0));
    await s.patch('strategic', 'deployments/a', restart());
    return generation((await s.patch('strategic', 'deployments/a', restart())).body);
  },
  'a client cannot set a generation': async (s) => {
    await s.given('deployments', deployment('a', 0));
    return generation((await s.patch('merge', 'deployments/a', { metadata: { generation: 9 } })).body);
  },
  'webhook configurations count changes of their webhooks': async (s) => {
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
    const name = `${s.ns}-hook`;
    s.cleanUp(`${path}/${name}`);
    const webhook = {
      name: 'a.example.org',
      clientConfig: { url: 'https://127.0.0.1:1/' },
      rules: [{ apiGroups: ['example.org'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothing'] }],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    };
    const created = await s.given(path, { metadata: { name }, webhooks: [webhook] });
    const labelled = await s.patch('merge', `${path}/${name}`, { metadata: { labels: { 'istio.io/rev': 'x' } } });
    const changed = await s.patch('merge', `${path}/${name}`, { webhooks: [{ ...webhook, timeoutSeconds: 3 }] });
    return [created, labelled.body, changed.body].map(generation);
  },
  'a write of the status changes nothing else': async (s) => {
    const created = (await s.given('poddisruptionbudgets', {
      metadata: { name: 'a' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'no' } } },
    })) as object;
    const written = await s.put('poddisruptionbudgets/a/status', {
      ...created,
      metadata: { ...(at(created, 'metadata') as object), resourceVersion: undefined },
      spec: { minAvailable: 9 },
      status: { currentHealthy: 5, desiredHealthy: 1, expectedPods: 1, disruptionsAllowed: 0 },
    });
    return { ...outcome(written, 'spec/minAvailable'), generation: generation(written.body) };
  },
  'a write of the object leaves the status alone': async (s) => {
    await s.given('deployments', deployment('a', 0));
    const live = await s.untilObject('deployments/a', (object) => at(object, 'status/observedGeneration') === 1);
    const { body } = await s.patch('merge', 'deployments/a', { status: { observedGeneration: 77 } });
    return { status: at(body, 'status/observedGeneration'), before: at(live, 'status/observedGeneration') };
  },
  'the scale of a Deployment is read and written': async (s) => {
    await s.given('deployments', deployment('a', 0));
    await s.untilObject('deployments/a', (object) => at(object, 'status/observedGeneration') === 1);
    const read = await s.get('deployments/a/scale');
    const written = await s.put('deployments/a/scale', {
      metadata: { name: 'a', namespace: s.ns },
      spec: { replicas: 1 },
    });
    const fields = ['kind', 'apiVersion', 'metadata/name', 'spec', 'status'];
    return {
      read: outcome(read, ...fields),
      written: outcome(written, 'kind', 'spec'),
      after: pick((await s.get('deployments/a')).body, ['spec/replicas', 'metadata/generation']),
    };
  },
  'the scale is patched as kubectl does': async (s) => {
    await s.given('statefulsets', statefulSet('a', 0));
    const patched = await s.patch('merge', 'statefulsets/a/scale', { spec: { replicas: 1 } });
    return { ...outcome(patched, 'kind', 'spec'), after: at((await s.get('statefulsets/a')).body, 'spec/replicas') };
  },
  'the scale with an old version is a Conflict': async (s) => {
    await s.given('deployments', deployment('a', 0));
    await s.untilObject('deployments/a', (object) => at(object, 'status/observedGeneration') === 1);
    const resourceVersion = '1';
    return outcome(
      await s.put('deployments/a/scale', {
        metadata: { name: 'a', namespace: s.ns, resourceVersion },
        spec: { replicas: 1 },
      }),
    );
  },
  'a negative scale is Invalid': async (s) => {
    await s.given('deployments', deployment('a', 0));
    const { status, body } = await s.put('deployments/a/scale', {
      metadata: { name: 'a', namespace: s.ns },
      spec: { replicas: -1 },
    });
    return { status, reason: at(body, 'reason') };
  },
  'a negative number of replicas is Invalid': async (s) => outcome(await s.post('deployments', deployment('a', -1))),
});
