import { cases } from '../contract-case.ts';
import { at } from '../observation.ts';
import { outcome, pick } from '../scene.ts';
import { configMap, deployment, restart } from './objects.ts';
import { defineThings } from './things.ts';

/** Merge, strategic-merge and JSON patches. */
export const PatchingCases = cases({
  'a merge patch sets, changes and deletes by null': async (s) => {
    await s.given('configmaps', configMap('a', { keep: '1', change: '1', drop: '1' }));
    return outcome(await s.patch('merge', 'configmaps/a', { data: { change: '2', drop: null, add: '3' } }), 'data');
  },
  'a merge patch replaces a list as a whole': async (s) => {
    await s.given('deployments', deployment('a', 0));
    const containers = [{ name: 'other', image: 'example.org/other:1' }];
    const { body } = await s.patch('merge', 'deployments/a', { spec: { template: { spec: { containers } } } });
    return containerNames(body);
  },
  'a merge patch with an old version is a Conflict': async (s) => {
    const created = await s.given('configmaps', configMap('a', { x: '1' }));
    await s.patch('merge', 'configmaps/a', { data: { x: '2' } });
    const resourceVersion = at(created, 'metadata/resourceVersion');
    return outcome(await s.patch('merge', 'configmaps/a', { metadata: { resourceVersion }, data: { x: '3' } }));
  },
  'a merge patch with another UID is Invalid': async (s) => {
    await s.given('configmaps', configMap('a'));
    const uid = '00000000-0000-0000-0000-000000000000';
    return outcome(await s.patch('merge', 'configmaps/a', { metadata: { uid }, data: { x: '3' } }));
  },
  'a merge patch of what is not there is NotFound': async (s) =>
    outcome(await s.patch('merge', 'configmaps/a', { data: {} })),
  'a merge patch that says nothing new keeps the version': async (s) => {
    const created = await s.given('configmaps', configMap('a', { x: '1' }));
    const { status, body } = await s.patch('merge', 'configmaps/a', { data: { x: '1' } });
    return { status, same: at(body, 'metadata/resourceVersion') === at(created, 'metadata/resourceVersion') };
  },
  'a merge patch cannot rename': async (s) => {
    await s.given('configmaps', configMap('a'));
    return outcome(await s.patch('merge', 'configmaps/a', { metadata: { name: 'b' } }));
  },
  'a merge patch of a label that is null is taken where there was none': async (s) => {
    await s.given('configmaps', configMap('a'));
    return outcome(await s.patch('merge', 'configmaps/a', { metadata: { labels: { x: null } } }), 'metadata/labels');
  },
  'a merge patch that is not an object is refused': async (s) => {
    await s.given('configmaps', configMap('a'));
    const { status, body } = await s.patch('merge', 'configmaps/a', '[]');
    return { status, reason: at(body, 'reason') };
  },
  'a patch of an unknown content type is UnsupportedMediaType': async (s) => {
    await s.given('configmaps', configMap('a'));
    return outcome(await s.ask('PATCH', 'configmaps/a', {}, { type: 'application/json' }));
  },
  'a strategic patch merges containers by name': async (s) => {
    await s.given('deployments', deployment('a', 0));
    const containers = [
      { name: 'side', image: 'example.org/side:1' },
      { name: 'app', image: 'example.org/app:2' },
    ];
    const { body } = await s.patch('strategic', 'deployments/a', { spec: { template: { spec: { containers } } } });
    return containerNames(body);
  },
  'a strategic patch deletes a container by its name': async (s) => {
    const both = {
      template: {
        metadata: { labels: { app: 'a' } },
        spec: {
          containers: [
            { name: 'app', image: 'example.org/app:1' },
            { name: 'side', image: 'example.org/side:1' },
          ],
        },
      },
    };
    await s.given('deployments', deployment('a', 0, both));
    const containers = [{ name: 'side', $patch: 'delete' }];
    const { body } = await s.patch('strategic', 'deployments/a', { spec: { template: { spec: { containers } } } });
    return containerNames(body);
  },
  'a strategic patch merges env by name and ports by number': async (s) => {
    const app = {
      name: 'app',
      image: 'example.org/app:1',
      env: [{ name: 'A', value: '1' }],
      ports: [{ containerPort: 80 }],
    };
    await s.given(
      'deployments',
      deployment('a', 0, { template: { metadata: { labels: { app: 'a' } }, spec: { containers: [app] } } }),
    );
    const change = {
      name: 'app',
      env: [{ name: 'B', value: '2' }],
      ports: [{ containerPort: 81 }, { containerPort: 80, name: 'http' }],
    };
    const { body } = await s.patch('strategic', 'deployments/a', {
      spec: { template: { spec: { containers: [change] } } },
    });
    return pick(at(body, 'spec/template/spec/containers/0'), ['env', 'ports']);
  },
  'a strategic patch with $patch replace takes the map as it is': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1', y: '2' }));
    return outcome(await s.patch('strategic', 'configmaps/a', { data: { $patch: 'replace', z: '3' } }), 'data');
  },
  'a strategic patch with $patch delete empties the map': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }));
    return outcome(await s.patch('strategic', 'configmaps/a', { data: { $patch: 'delete' } }), 'data');
  },
  'a strategic patch with $retainKeys drops the other keys': async (s) => {
    await s.given('deployments', deployment('a', 0));
    const strategy = { $retainKeys: ['type'], type: 'Recreate' };
    return outcome(await s.patch('strategic', 'deployments/a', { spec: { strategy } }), 'spec/strategy');
  },
  'a strategic patch replaces a list without a merge key': async (s) => {
    const args = (values: string[]) => [{ name: 'app', image: 'example.org/app:1', args: values }];
    const template = { metadata: { labels: { app: 'a' } }, spec: { containers: args(['x', 'y']) } };
    await s.given('deployments', deployment('a', 0, { template }));
    const { body } = await s.patch('strategic', 'deployments/a', {
      spec: { template: { spec: { containers: args(['z']) } } },
    });
    return at(body, 'spec/template/spec/containers/0/args');
  },
  'a strategic patch merges finalizers as a set': async (s) => {
    await s.given('configmaps', { metadata: { name: 'a', finalizers: ['example.org/one'] } });
    const { body } = await s.patch('strategic', 'configmaps/a', { metadata: { finalizers: ['example.org/two'] } });
    const seen = at(body, 'metadata/finalizers');
    await s.patch('merge', 'configmaps/a', { metadata: { finalizers: null } });
    return seen;
  },
  'a strategic patch of the restart annotation writes nothing else': async (s) => {
    await s.given('deployments', deployment('a', 0));
    const { body } = await s.patch('strategic', 'deployments/a', restart());
    return { ...pick(body, ['spec/template/metadata', 'metadata/generation']), containers: containerNames(body) };
  },
  'a strategic patch is not taken for a custom resource': async (s) => {
    const { path, thing } = await defineThings(s);
    const created = await s.post(path, thing('a', { x: 1 }));
    const merged = await s.patch('merge', `${path}/a`, { spec: { x: 2 } });
    return {
      created: outcome(created, 'kind', 'metadata/generation'),
      merged: outcome(merged, 'spec', 'metadata/generation'),
      strategic: outcome(await s.patch('strategic', `${path}/a`, { spec: { x: 3 } })),
      unconditional: outcome(await s.put(`${path}/a`, thing('a'))),
    };
  },
  'a JSON patch adds, replaces and removes': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1', y: '2' }));
    return outcome(
      await s.patch('json', 'configmaps/a', [
        { op: 'add', path: '/data/z', value: '3' },
        { op: 'replace', path: '/data/x', value: '9' },
        { op: 'remove', path: '/data/y' },
      ]),
      'data',
    );
  },
  'a JSON patch moves, copies and escapes': async (s) => {
    await s.given('configmaps', { metadata: { name: 'a', annotations: { 'example.org/one': '1' } }, data: { x: '1' } });
    return outcome(
      await s.patch('json', 'configmaps/a', [
        { op: 'move', from: '/metadata/annotations/example.org~1one', path: '/metadata/annotations/example.org~1two' },
        { op: 'copy', from: '/data/x', path: '/data/y' },
      ]),
      'metadata/annotations',
      'data',
    );
  },
  'a JSON patch works on lists by index and at their end': async (s) => {
    const args = { containers: [{ name: 'app', image: 'example.org/app:1', args: ['a', 'c'] }] };
    await s.given('deployments', deployment('a', 0, { template: { metadata: { labels: { app: 'a' } }, spec: args } }));
    const path = '/spec/template/spec/containers/0/args';
    const { body } = await s.patch('json', 'deployments/a', [
      { op: 'add', path: `${path}/1`, value: 'b' },
      { op: 'add', path: `${path}/-`, value: 'd' },
      { op: 'remove', path: `${path}/0` },
    ]);
    return at(body, 'spec/template/spec/containers/0/args');
  },
  'a JSON patch whose test fails is refused': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }));
    const refused = await s.patch('json', 'configmaps/a', [
      { op: 'test', path: '/data/x', value: '2' },
      { op: 'replace', path: '/data/x', value: '3' },
    ]);
    return { ...outcome(refused), after: at((await s.get('configmaps/a')).body, 'data') };
  },
  'a JSON patch whose test holds is taken': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }));
    return outcome(
      await s.patch('json', 'configmaps/a', [
        { op: 'test', path: '/data/x', value: '1' },
        { op: 'replace', path: '/data/x', value: '3' },
      ]),
      'data',
    );
  },
  'a JSON patch that removes what is not there is refused': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }));
    return outcome(await s.patch('json', 'configmaps/a', [{ op: 'remove', path: '/data/nope' }]));
  },
  'a JSON patch that replaces what is not there adds it': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }));
    return outcome(await s.patch('json', 'configmaps/a', [{ op: 'replace', path: '/data/nope', value: '1' }]));
  },
  'a JSON patch below what is not there is refused': async (s) => {
    await s.given('configmaps', { metadata: { name: 'a' } });
    return outcome(await s.patch('json', 'configmaps/a', [{ op: 'add', path: '/metadata/labels/x', value: '1' }]));
  },
  'a JSON patch that is not a list is a bad request': async (s) => {
    await s.given('configmaps', configMap('a'));
    const { status, body } = await s.patch('json', 'configmaps/a', { op: 'add' });
    return { status, reason: at(body, 'reason') };
  },
  'a dry-run patch shows the change and does not make it': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }));
    const tried = await s.patch('merge', 'configmaps/a?dryRun=All', { data: { x: '2' } });
    return { ...outcome(tried, 'data'), after: at((await s.get('configmaps/a')).body, 'data') };
  },
});

function containerNames(body: unknown): unknown[] {
  const containers = at(body, 'spec/template/spec/containers') as unknown[];
  return containers.map((container) => `${at(container, 'name')} ${at(container, 'image')}`);
}
