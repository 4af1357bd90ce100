import { cases } from '../contract-case.ts';
import { at } from '../observation.ts';
import { outcome } from '../scene.ts';
import { configMap, deployment } from './objects.ts';

/** Who owns which field, in the order of managers: entries of the real server are sorted by time, which ties within a second. */
function owners(body: unknown): unknown[] {
  const entries = (at(body, 'metadata/managedFields') ?? []) as unknown[];
  return entries
    .map((entry) => ({
      manager: at(entry, 'manager'),
      operation: at(entry, 'operation'),
      subresource: at(entry, 'subresource'),
      fields: at(entry, 'fieldsV1'),
    }))
    .sort((a, b) => (`${a.manager}${a.operation}` < `${b.manager}${b.operation}` ? -1 : 1));
}

/** Server-side apply and the ownership of fields. */
export const ApplyingCases = cases({
  'an apply creates with 201 and owns what it said': async (s) => {
    const applied = await s.apply('configmaps/a', 'one', configMap('a', { x: '1' }, { team: 'red' }));
    return { ...outcome(applied, 'data'), owners: owners(applied.body) };
  },
  'an apply of the same again keeps the version': async (s) => {
    const first = await s.apply('configmaps/a', 'one', configMap('a', { x: '1' }));
    const again = await s.apply('configmaps/a', 'one', configMap('a', { x: '1' }));
    return {
      status: again.status,
      same: at(again.body, 'metadata/resourceVersion') === at(first.body, 'metadata/resourceVersion'),
    };
  },
  'an apply without a manager is Invalid': async (s) => outcome(await s.patch('apply', 'configmaps/a', configMap('a'))),
  'an apply of a field that another manager applied is a Conflict': async (s) => {
    await s.apply('configmaps/a', 'one', configMap('a', { x: '1' }));
    return outcome(await s.apply('configmaps/a', 'two', configMap('a', { x: '2' })));
  },
  'an apply of two fields that others own names both': async (s) => {
    await s.apply('configmaps/a', 'one', configMap('a', { x: '1', y: '1' }));
    return outcome(await s.apply('configmaps/a', 'two', configMap('a', { x: '2', y: '2' })));
  },
  'an apply of fields of two managers names both managers': async (s) => {
    await s.apply('configmaps/a', 'one', configMap('a', { x: '1' }));
    await s.apply('configmaps/a', 'two', configMap('a', { y: '1' }));
    const { status, body } = await s.apply('configmaps/a', 'three', configMap('a', { x: '2', y: '2' }));
    // Causes of two managers come in any order.
    const causes = (at(body, 'details/causes') as unknown[]).map(
      (cause) => `${at(cause, 'message')} ${at(cause, 'field')}`,
    );
    return { status, message: at(body, 'message'), causes: causes.sort() };
  },
  'an apply over what an update wrote says which update': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }));
    const { status, body } = await s.apply('configmaps/a', 'two', configMap('a', { x: '2' }));
    return { status, message: at(body, 'message') };
  },
  'an apply by force takes the field over': async (s) => {
    await s.apply('configmaps/a', 'one', configMap('a', { x: '1', y: '1' }));
    const forced = await s.apply('configmaps/a', 'two', configMap('a', { x: '2' }), { force: true });
    return { ...outcome(forced, 'data'), owners: owners(forced.body) };
  },
  'an apply of the same value shares the field': async (s) => {
    await s.apply('configmaps/a', 'one', configMap('a', { x: '1' }));
    return owners((await s.apply('configmaps/a', 'two', configMap('a', { x: '1' }))).body);
  },
  'an apply that no longer says a field removes it': async (s) => {
    await s.apply('configmaps/a', 'one', configMap('a', { x: '1', y: '1' }));
    const less = await s.apply('configmaps/a', 'one', configMap('a', { x: '1' }));
    return { ...outcome(less, 'data'), owners: owners(less.body) };
  },
  'an apply that no longer says a shared field leaves it to the other': async (s) => {
    await s.apply('configmaps/a', 'one', configMap('a', { x: '1', y: '1' }));
    await s.apply('configmaps/a', 'two', configMap('a', { y: '1' }));
    return outcome(await s.apply('configmaps/a', 'one', configMap('a', { x: '1' })), 'data');
  },
  'an update of an applied field takes it from the one who applied it': async (s) => {
    await s.apply('configmaps/a', 'one', configMap('a', { x: '1' }));
    return owners((await s.patch('merge', 'configmaps/a', { data: { x: '2' } })).body);
  },
  'an update names its manager from the user agent': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }));
    const { body } = await s.patch('merge', 'configmaps/a', { data: { y: '2' } }, { agent: 'kubectl/v1.36.3 (linux)' });
    return owners(body);
  },
  'an update names its manager from the parameter first': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }));
    return owners((await s.patch('merge', 'configmaps/a?fieldManager=me', { data: { y: '2' } })).body);
  },
  'an update that removes a field leaves it without an owner': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1', y: '1' }));
    return owners((await s.patch('merge', 'configmaps/a?fieldManager=me', { data: { y: null } })).body);
  },
  'an apply with an old version is a Conflict': async (s) => {
    const { body } = await s.apply('configmaps/a', 'one', configMap('a', { x: '1' }));
    await s.patch('merge', 'configmaps/a', { data: { y: '2' } });
    const resourceVersion = at(body, 'metadata/resourceVersion');
    return outcome(
      await s.apply('configmaps/a', 'one', { ...configMap('a', { x: '3' }), metadata: { name: 'a', resourceVersion } }),
    );
  },
  'an apply of another name is a bad request': async (s) =>
    outcome(await s.apply('configmaps/a', 'one', configMap('b'))),
  'an apply without apiVersion and kind is a bad request': async (s) => {
    const { status, body } = await s.apply('configmaps/a', 'one', { metadata: { name: 'a' }, data: {} });
    return { status, reason: at(body, 'reason'), message: at(body, 'message') };
  },
  'an apply in YAML is an apply': async (s) =>
    outcome(
      await s.patch(
        'apply',
        'configmaps/a?fieldManager=one',
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: "1"\n',
      ),
      'data',
    ),
  'an apply of a container merges by its name, and of its image conflicts by path': async (s) => {
    await s.apply('deployments/a', 'one', deployment('a', 0));
    const spec = (image: string) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: { template: { spec: { containers: [{ name: 'app', image }] } } },
    });
    return {
      refused: outcome(await s.apply('deployments/a', 'two', spec('example.org/app:2'))),
      forced: at(
        (await s.apply('deployments/a', 'two', spec('example.org/app:2'), { force: true })).body,
        'spec/template/spec/containers/0/image',
      ),
    };
  },
  'an apply of a dry run creates nothing': async (s) => {
    const tried = await s.patch('apply', 'configmaps/a?fieldManager=one&dryRun=All', configMap('a', { x: '1' }));
    return { ...outcome(tried, 'data'), after: (await s.get('configmaps/a')).status };
  },
  'an apply of a webhook configuration owns webhooks by name': async (s) => {
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
    const name = `${s.ns}-hook`;
    s.cleanUp(`${path}/${name}`);
    const hook = {
      name: 'a.example.org',
      clientConfig: { service: { name: 'hook', namespace: s.ns, path: '/inject' } },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothing'] }],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    };
    const configuration = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name },
      webhooks: [hook],
    };
    const { body } = await s.apply(`${path}/${name}`, 'one', configuration);
    return { owners: owners(body), webhooks: at(body, 'webhooks'), generation: at(body, 'metadata/generation') };
  },
});
