import { cases } from '../contract-case.ts';
import { at } from '../observation.ts';
import { outcome } from '../scene.ts';
import { configMap, deployment, lease } from './objects.ts';

const rv = (body: unknown) => at(body, 'metadata/resourceVersion');

/** Creates, reads and replaces: status codes, and refusals word by word. */
export const WritingCases = cases({
  'a create answers 201 with the object': async (s) =>
    outcome(await s.post('configmaps', configMap('a')), 'kind', 'apiVersion', 'data', 'metadata/name'),
  'a create of a taken name is AlreadyExists': async (s) => {
    await s.given('configmaps', configMap('a'));
    return outcome(await s.post('configmaps', configMap('a')));
  },
  'a create of a taken name in a group names the group': async (s) => {
    await s.given('deployments', deployment('a', 0));
    return outcome(await s.post('deployments', deployment('a', 0)));
  },
  'a get of what is not there is NotFound': async (s) => outcome(await s.get('configmaps/nope')),
  'a get of a Deployment that is not there names its group': async (s) => outcome(await s.get('deployments/nope')),
  'a namespace that is not there is NotFound on create': async (s) =>
    outcome(await s.post('/api/v1/namespaces/contract-nowhere/configmaps', configMap('a'))),
  'a list in a namespace that is not there is empty': async (s) =>
    outcome(await s.get('/api/v1/namespaces/contract-nowhere/configmaps'), 'kind', 'items'),
  'a create without a name is Invalid': async (s) => outcome(await s.post('configmaps', { metadata: {}, data: {} })),
  'a create from generateName appends five characters': async (s) => {
    const created = await s.post('configmaps', { metadata: { generateName: 'made-' } });
    const name = String(at(created.body, 'metadata/name'));
    return { ...outcome(created, 'metadata/generateName'), fits: /^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(name) };
  },
  'a name with capitals is Invalid': async (s) => outcome(await s.post('configmaps', configMap('Upper'))),
  'a label value with a space is Invalid': async (s) =>
    outcome(await s.post('configmaps', { metadata: { name: 'a', labels: { team: 'not good' } } })),
  'a body of another namespace is a bad request': async (s) =>
    outcome(await s.post('configmaps', { metadata: { name: 'a', namespace: 'default' } })),
  'a body that is not JSON is a bad request': async (s) => {
    const { status, body } = await s.post('configmaps', '{"metadata":');
    return { status, reason: at(body, 'reason') };
  },
  'a create ignores a status and sets its own server fields': async (s) => {
    const sent = { ...deployment('a', 0), status: { replicas: 7 } };
    const { body } = await s.post('deployments', sent);
    return { status: at(body, 'status'), generation: at(body, 'metadata/generation'), kind: at(body, 'kind') };
  },
  'a create with a resourceVersion is refused': async (s) =>
    outcome(await s.post('configmaps', { metadata: { name: 'a', resourceVersion: '7' } })),
  'a replace with the version that was read is taken': async (s) => {
    const created = await s.given('configmaps', configMap('a', { x: '1' }));
    const replaced = await s.put('configmaps/a', { ...(created as object), data: { x: '2' } });
    return { ...outcome(replaced, 'data'), isNewer: Number(rv(replaced.body)) > Number(rv(created)) };
  },
  'a replace with an older version is a Conflict': async (s) => {
    const created = await s.given('configmaps', configMap('a', { x: '1' }));
    await s.put('configmaps/a', { ...(created as object), data: { x: '2' } });
    return outcome(await s.put('configmaps/a', { ...(created as object), data: { x: '3' } }));
  },
  'a replace with another UID is a Conflict': async (s) => {
    await s.given('configmaps', configMap('a'));
    const uid = '00000000-0000-0000-0000-000000000000';
    return outcome(await s.put('configmaps/a', { metadata: { name: 'a', uid } }));
  },
  'a replace without a version is taken for a ConfigMap': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }));
    return outcome(await s.put('configmaps/a', configMap('a', { y: '2' })), 'data');
  },
  'a replace without a version is Invalid for a Lease': async (s) => {
    await s.given('leases', lease('a', 'me'));
    return outcome(await s.put('leases/a', lease('a', 'you')));
  },
  'a replace without a version is Invalid for a webhook configuration': async (s) => {
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
    const name = `${s.ns}-hook`;
    s.cleanUp(`${path}/${name}`);
    await s.given(path, { metadata: { name }, webhooks: [] });
    return outcome(await s.put(`${path}/${name}`, { metadata: { name }, webhooks: [] }));
  },
  'a replace of what is not there is NotFound': async (s) => outcome(await s.put('configmaps/a', configMap('a'))),
  'a replace of a Lease that is not there creates it': async (s) =>
    outcome(await s.put('leases/a', { ...lease('a', 'me'), metadata: { name: 'a', resourceVersion: '5' } })),
  'a replace under another name is a bad request': async (s) => {
    await s.given('configmaps', configMap('a'));
    return outcome(await s.put('configmaps/a', configMap('b')));
  },
  'a replace that changes nothing keeps the version': async (s) => {
    const created = await s.given('configmaps', configMap('a', { x: '1' }));
    const again = await s.put('configmaps/a', created);
    return { status: again.status, sameVersion: rv(again.body) === rv(created) };
  },
  'a Lease moves from holder to holder by compare-and-swap': async (s) => {
    const first = (await s.given('leases', lease('a', 'me'))) as Record<string, object>;
    const taken = await s.put('leases/a', {
      ...first,
      spec: { ...first['spec'], holderIdentity: 'you', leaseTransitions: 1 },
    });
    const late = await s.put('leases/a', { ...first, spec: { ...first['spec'], holderIdentity: 'them' } });
    return { taken: outcome(taken, 'spec'), late: outcome(late) };
  },
  'a Lease with a time of the wrong form is a bad request': async (s) => {
    const { status, body } = await s.post('leases', { metadata: { name: 'a' }, spec: { renewTime: 'yesterday' } });
    return { status, reason: at(body, 'reason') };
  },
  'a Lease that lasts no time is Invalid': async (s) =>
    outcome(
      await s.post('leases', { metadata: { name: 'a' }, spec: { holderIdentity: 'me', leaseDurationSeconds: 0 } }),
    ),
  'a Deployment whose selector misses its template is Invalid': async (s) => {
    const wrong = deployment('a', 0);
    return outcome(
      await s.post('deployments', { ...wrong, spec: { ...wrong.spec, selector: { matchLabels: { app: 'b' } } } }),
    );
  },
  'a Deployment cannot change its selector': async (s) => {
    await s.given('deployments', deployment('a', 0));
    const other = { matchLabels: { app: 'a', more: 'yes' } };
    return outcome(
      await s.patch('merge', 'deployments/a', {
        spec: { selector: other, template: { metadata: { labels: other.matchLabels } } },
      }),
    );
  },
  'a dry run answers as if and writes nothing': async (s) => {
    const tried = await s.post('configmaps?dryRun=All', configMap('a', { x: '1' }));
    return {
      ...outcome(tried, 'data'),
      hasUid: at(tried.body, 'metadata/uid') !== undefined,
      hasVersion: at(tried.body, 'metadata/resourceVersion') !== undefined,
      after: (await s.get('configmaps/a')).status,
    };
  },
  'a dry run of another word is Invalid': async (s) => outcome(await s.post('configmaps?dryRun=Some', configMap('a'))),
  'a dry run still refuses a taken name': async (s) => {
    await s.given('configmaps', configMap('a'));
    return outcome(await s.post('configmaps?dryRun=All', configMap('a')));
  },
  'a dry-run replace shows the change, and the object stays': async (s) => {
    const created = await s.given('configmaps', configMap('a', { x: '1' }));
    const tried = await s.put('configmaps/a?dryRun=All', configMap('a', { x: '2' }));
    const after = await s.get('configmaps/a');
    return { ...outcome(tried, 'data'), after: at(after.body, 'data'), sameVersion: rv(after.body) === rv(created) };
  },
  'a dry-run pod comes back with a name and is not there': async (s) => {
    const { status, body } = await s.post('pods?dryRun=All', {
      metadata: { generateName: 'probe-' },
      spec: { containers: [{ name: 'app', image: 'example.org/app:1' }] },
    });
    return {
      status,
      named: String(at(body, 'metadata/name')).startsWith('probe-'),
      left: at((await s.get('pods')).body, 'items'),
    };
  },
  'an unknown field is dropped without strict validation': async (s) =>
    outcome(await s.post('configmaps', { ...configMap('a'), colour: 'red' }), 'colour'),
  'an unknown path is not a Status': async (s) => {
    const { status, body } = await s.get('/apis/missing.example.org/v1/things');
    return { status, body };
  },
  'an unknown resource of a known group is a Status': async (s) => {
    const { status, body } = await s.get('/apis/apps/v1/things');
    return { status, body };
  },
  'a method that a resource has not is MethodNotAllowed': async (s) =>
    outcome(await s.post('configmaps/a', configMap('a'))),
  'a user without rights is Forbidden': async (s) => {
    const headers = { 'impersonate-user': 'nobody' };
    return {
      get: outcome(await s.get('configmaps/a', { headers })),
      list: outcome(await s.get('deployments', { headers })),
      create: outcome(await s.post('pods', { metadata: { name: 'a' } }, { headers })),
      cluster: outcome(await s.get('/api/v1/namespaces', { headers })),
      status: outcome(await s.put('deployments/a/status', deployment('a', 0), { headers })),
    };
  },
  'a review says what the user may': async (s) => {
    const review = (headers: Readonly<Record<string, string>>) =>
      s.post(
        '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        { spec: { resourceAttributes: { verb: 'create', group: '', resource: 'pods', namespace: s.ns } } },
        { headers },
      );
    const admin = await review({});
    return {
      ...outcome(admin, 'kind', 'apiVersion', 'spec'),
      allowed: at(admin.body, 'status/allowed'),
    };
  },
  'the time of the server is in every answer': async (s) => {
    const { headers } = await s.get('configmaps/nope');
    return { hasDate: !Number.isNaN(Date.parse(headers['date'] ?? '')) };
  },
});
