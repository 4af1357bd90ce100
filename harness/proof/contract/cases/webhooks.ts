import { cases } from '../contract-case.ts';
import { at } from '../observation.ts';
import { outcome, type Scene } from '../scene.ts';
import { configMap, deployment, pod } from './objects.ts';

const Mutating = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const Validating = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

/** A webhook for creations in the case's namespace, behind a Service of the case's choice. */
async function hook(s: Scene, path: string, more: object = {}, resource = 'pods'): Promise<void> {
  const name = `${s.ns}-hook`;
  s.cleanUp(`${path}/${name}`);
  const webhook = {
    name: 'inject.example.org',
    clientConfig: { service: { name: 'hook', namespace: s.ns, path: '/inject', port: 443 } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: [resource] }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': s.ns } },
    failurePolicy: 'Fail',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    ...more,
  };
  const { status, body } = await s.post(path, { metadata: { name }, webhooks: [webhook] });
  if (status !== 201) throw new Error(`the webhook cannot be made: ${JSON.stringify(body)}`);
  // The real server takes a new configuration up some moments after it was stored.
  if ('failurePolicy' in more || 'objectSelector' in more) await s.backend.sleep(1_500);
}

const service = (s: Scene) =>
  s.given('services', {
    metadata: { name: 'hook' },
    spec: { selector: { app: 'missing' }, ports: [{ port: 443, targetPort: 15017 }] },
  });

/** Asks until the webhook is called, which is when it refuses. */
async function refused(s: Scene, ask: () => ReturnType<Scene['post']>) {
  await s.until('the webhook to be called', async () => (await ask()).status !== 201);
  return outcome(await ask());
}

const probe = (s: Scene, name = 'probe', query = '?dryRun=All') => s.post(`pods${query}`, pod(name, { app: name }));

/** Webhooks that cannot be reached, and which objects they are called for. */
export const WebhookCases = cases({
  'a webhook whose Service is not there stops creations': async (s) => {
    await hook(s, Mutating);
    return refused(s, () => probe(s));
  },
  'a webhook whose Service has no endpoints stops creations': async (s) => {
    await service(s);
    await hook(s, Mutating);
    return refused(s, () => probe(s));
  },
  'a webhook that may be ignored stops nothing': async (s) => {
    await hook(s, Mutating, { failurePolicy: 'Ignore' });
    return (await probe(s)).status;
  },
  'a webhook is called with its own timeout in the URL': async (s) => {
    await hook(s, Mutating, { timeoutSeconds: 3 });
    return refused(s, () => probe(s));
  },
  'a validating webhook that cannot be reached stops creations in the same words': async (s) => {
    await hook(s, Validating);
    return refused(s, () => probe(s));
  },
  'a webhook whose objectSelector does not match is not called': async (s) => {
    await hook(s, Mutating, { objectSelector: { matchLabels: { app: 'other' } } });
    return { probe: (await probe(s)).status, other: (await probe(s, 'other')).status };
  },
  'a webhook of another resource is not called for pods, but for its own': async (s) => {
    await hook(s, Mutating, {}, 'configmaps');
    const own = await refused(s, () => s.post('configmaps?dryRun=All', configMap('a')));
    return { own, pods: (await probe(s)).status };
  },
  'a webhook for creations is not called for updates': async (s) => {
    await s.given('configmaps', configMap('a'));
    await hook(s, Mutating, {}, 'configmaps');
    await refused(s, () => s.post('configmaps?dryRun=All', configMap('b')));
    return (await s.patch('merge', 'configmaps/a', { data: { x: '1' } })).status;
  },
  'a taken name is found only after the webhook was asked': async (s) => {
    await s.given('configmaps', configMap('a'));
    await hook(s, Mutating, {}, 'configmaps');
    return refused(s, () => s.post('configmaps?dryRun=All', configMap('a')));
  },
  'a webhook that admits to side effects is Invalid': async (s) => {
    const created = await s.post(Mutating, {
      metadata: { name: `${s.ns}-hook` },
      webhooks: [
        {
          name: 'x.example.org',
          clientConfig: { url: 'https://127.0.0.1:1/' },
          sideEffects: 'Some',
          admissionReviewVersions: ['v1'],
        },
      ],
    });
    return outcome(created);
  },
  'a Deployment whose pods are refused says so in its conditions': async (s) => {
    await hook(s, Mutating);
    await refused(s, () => probe(s));
    await s.given('deployments', deployment('a', 1));
    const found = await s.untilObject('deployments/a', (object) =>
      ((at(object, 'status/conditions') ?? []) as unknown[]).some((one) => at(one, 'type') === 'ReplicaFailure'),
    );
    return (at(found, 'status/conditions') as unknown[])
      .map((one) => ({
        type: at(one, 'type'),
        status: at(one, 'status'),
        reason: at(one, 'reason'),
        ...(at(one, 'type') === 'ReplicaFailure' ? { message: at(one, 'message') } : {}),
      }))
      .sort((a, b) => (String(a.type) < String(b.type) ? -1 : 1));
  },
});
