import { cases } from '../contract-case.ts';
import { at } from '../observation.ts';
import type { Scene } from '../scene.ts';
import { configMap, daemonSet, deployment, lease, pod, statefulSet } from './objects.ts';
import { defineThings } from './things.ts';

const TableForm = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** Columns, and rows in words; what depends on the cluster is named by its column. */
async function table(s: Scene, path: string, vague: readonly string[] = []): Promise<object> {
  const { body } = await s.get(path, { accept: TableForm });
  const columns = (at(body, 'columnDefinitions') ?? []) as Record<string, unknown>[];
  const rows = (at(body, 'rows') ?? []) as unknown[];
  return {
    kind: at(body, 'kind'),
    apiVersion: at(body, 'apiVersion'),
    columns: columns.map(({ name, type, format, priority }) => [name, type, format, priority].join('|')),
    rows: rows.map((row) =>
      (at(row, 'cells') as unknown[]).map((cell, i) => {
        const { name } = columns[i] ?? {};
        return vague.includes(String(name)) || name === 'Age' ? typeof cell : cell;
      }),
    ),
    object: Object.keys((at(rows[0], 'object') ?? {}) as object).sort(),
    objectKind: at(rows[0], 'object/kind'),
  };
}

const running = (s: Scene, path: string, field: string, count: unknown) =>
  s.untilObject(path, (object) => at(object, field) === count);

/** What kubectl prints: it asks the server for a Table. */
export const TableCases = cases({
  'a table of pods': async (s) => {
    await s.given('pods', pod('a'));
    await running(s, 'pods/a', 'status/containerStatuses/0/ready', true);
    return table(s, 'pods', ['IP', 'Node']);
  },
  'a table of one pod': async (s) => {
    await s.given('pods', pod('a'));
    await running(s, 'pods/a', 'status/containerStatuses/0/ready', true);
    return table(s, 'pods/a', ['IP', 'Node']);
  },
  'a table of Deployments': async (s) => {
    await s.given('deployments', deployment('a', 1));
    await running(s, 'deployments/a', 'status/availableReplicas', 1);
    return table(s, 'deployments');
  },
  'a table of ReplicaSets': async (s) => {
    await s.given('deployments', deployment('a', 1));
    await running(s, 'deployments/a', 'status/availableReplicas', 1);
    const { body } = await s.get('replicasets');
    s.words.set(String(at(body, 'items/0/metadata/labels/pod-template-hash')), '<hash>');
    return table(s, 'replicasets');
  },
  'a table of StatefulSets': async (s) => {
    await s.given('statefulsets', statefulSet('a', 1));
    await running(s, 'statefulsets/a', 'status/readyReplicas', 1);
    return table(s, 'statefulsets');
  },
  'a table of DaemonSets': async (s) => {
    await s.given('daemonsets', daemonSet('a'));
    await running(s, 'daemonsets/a', 'status/numberReady', 3);
    return table(s, 'daemonsets');
  },
  'a table of Services': async (s) => {
    await s.given('services', {
      metadata: { name: 'a' },
      spec: {
        selector: { app: 'a', tier: 'b' },
        ports: [
          { name: 'http', port: 80 },
          { name: 'https', port: 443, nodePort: 0 },
        ],
      },
    });
    await s.given('services', { metadata: { name: 'headless' }, spec: { clusterIP: 'None', ports: [{ port: 80 }] } });
    await s.given('services', {
      metadata: { name: 'outside' },
      spec: { type: 'ExternalName', externalName: 'example.org' },
    });
    return table(s, 'services', ['Cluster-IP']);
  },
  'a table of a namespace': async (s) => table(s, `/api/v1/namespaces/${s.ns}`),
  'a table of ConfigMaps': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1', y: '2' }, { case: 'yes' }));
    return table(s, 'configmaps?labelSelector=case');
  },
  'a table of Leases': async (s) => {
    await s.given('leases', lease('a', 'me'));
    return table(s, 'leases');
  },
  'a table of a mutating webhook configuration': async (s) => hookTable(s, 'mutatingwebhookconfigurations'),
  'a table of a validating webhook configuration': async (s) => hookTable(s, 'validatingwebhookconfigurations'),
  'a table of disruption budgets': async (s) => {
    await s.given('poddisruptionbudgets', {
      metadata: { name: 'a' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'no' } } },
    });
    await running(s, 'poddisruptionbudgets/a', 'status/observedGeneration', 1);
    return table(s, 'poddisruptionbudgets');
  },
  'a table of a custom resource without columns has name and age': async (s) => {
    const { path, thing } = await defineThings(s);
    await s.given(path, thing('a'));
    return table(s, path);
  },
  'a table with whole objects when asked for them': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }, { case: 'yes' }));
    return table(s, 'configmaps?labelSelector=case&includeObject=Object');
  },
  'a table of a watch has columns in its first event only': async (s) => {
    await s.given('configmaps', configMap('a', { x: '1' }, { case: 'yes' }));
    await s.given('configmaps', configMap('b', { x: '1' }, { case: 'yes' }));
    const watching = await s.watch('configmaps?watch=true&labelSelector=case', { accept: TableForm });
    const events = await s.events(watching, 2);
    return events.map(({ type, object }) => ({
      type,
      kind: at(object, 'kind'),
      columns: ((at(object, 'columnDefinitions') ?? []) as unknown[]).length,
      rows: (at(object, 'rows') as unknown[]).length,
    }));
  },
});

async function hookTable(s: Scene, plural: string): Promise<object> {
  const path = `/apis/admissionregistration.k8s.io/v1/${plural}`;
  const name = `${s.ns}-hook`;
  s.cleanUp(`${path}/${name}`);
  const webhook = (title: string) => ({
    name: title,
    clientConfig: { url: 'https://127.0.0.1:1/' },
    rules: [{ apiGroups: ['example.org'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothing'] }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  });
  await s.given(path, { metadata: { name }, webhooks: [webhook('a.example.org'), webhook('b.example.org')] });
  return table(s, `${path}/${name}`);
}
