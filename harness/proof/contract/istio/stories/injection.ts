import type { MeshScene, Probe } from '../mesh-scene.ts';
import type { Story } from '../story.ts';
import { injectionOf } from './injection-of.ts';
import { restartsIntoTheMesh } from './mesh-rollouts.ts';

const Injections = [undefined, 'enabled', 'disabled'];
/** The default tag, both revisions, and one that is not installed. */
const Revisions = [undefined, 'default', '1-30-4', '1-31-0', '9-9-9'];
const Wishes = [undefined, 'true', 'false'];

interface Named<T> {
  name: string;
  value: T;
}

const labelled = (pairs: Readonly<Record<string, string | undefined>>): Named<Record<string, string>> => {
  const given = Object.entries(pairs).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return {
    name: given.map(([key, value]) => `${key}=${value}`).join(' ') || 'no label',
    value: Object.fromEntries(given),
  };
};

const Namespaces = Injections.flatMap((injection) =>
  Revisions.map((revision) => labelled({ 'istio-injection': injection, 'istio.io/rev': revision })),
);
const PodLabels = Wishes.flatMap((wish) =>
  Revisions.map((revision) => labelled({ 'sidecar.istio.io/inject': wish, 'istio.io/rev': revision })),
);
const annotation = { true: { 'sidecar.istio.io/inject': 'true' }, false: { 'sidecar.istio.io/inject': 'false' } };
const Variants: readonly Named<Probe>[] = [
  { name: 'plain', value: {} },
  { name: 'annotation true', value: { annotations: annotation.true } },
  { name: 'annotation false', value: { annotations: annotation.false } },
  { name: 'host network', value: { spec: { hostNetwork: true } } },
];

/** For every label of a pod what each variant gets; said once if all get the same. */
async function table(s: MeshScene, namespace: string): Promise<object> {
  const rows: (readonly [string, string])[] = [];
  await s.mesh.sideBySide(
    PodLabels.map(({ name, value }) => async () => {
      const cells: string[] = [];
      for (const { value: probe } of Variants)
        cells.push(injectionOf(await s.probe(namespace, { ...probe, labels: value })));
      const [first] = cells;
      const row = cells.every((cell) => cell === first)
        ? `all: ${first}`
        : cells.map((cell, index) => `${Variants[index]?.name}: ${cell}`).join('; ');
      rows.push([name, row]);
    }),
  );
  return Object.fromEntries(rows);
}

const tables = (state: string): Story['steps'] =>
  Object.fromEntries(
    Namespaces.map(({ name }, index) => [`${state}, a namespace with ${name}`, (s) => table(s, `n-${index}`)]),
  );

/** What else decides about a proxy. */
const switches = (state: string): Story['steps'] => ({
  [`${state}, other switches`]: async (s) => {
    const wanted = { 'sidecar.istio.io/inject': 'true' };
    const tagged = `n-${Namespaces.findIndex(({ name }) => name === 'istio.io/rev=default')}`;
    const probe = async (namespace: string, given: Probe = {}) => injectionOf(await s.probe(namespace, given));
    return {
      notNative: await probe(tagged, { annotations: { 'sidecar.istio.io/nativeSidecar': 'false' } }),
      native: await probe(tagged, { annotations: { 'sidecar.istio.io/nativeSidecar': 'true' } }),
      pinned: await probe(tagged, {
        annotations: { 'sidecar.istio.io/proxyImage': 'docker.io/istio/proxyv2:1.29.9' },
      }),
      gateway: await probe(tagged, {
        labels: wanted,
        annotations: { 'inject.istio.io/templates': 'gateway' },
        spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] },
      }),
      waiting: await probe(tagged, {
        annotations: { 'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}' },
      }),
      'kube-system': await probe('kube-system', { labels: wanted }),
      'kube-public': await probe('kube-public', { labels: wanted }),
      'istio-system': await probe('istio-system', { labels: wanted }),
      default: await probe('default', { labels: wanted }),
    };
  },
});

const onlyOld = 'only the old revision';
const tagAtOld = 'both revisions, the tag at the old one';
const tagAtNew = 'both revisions, the tag at the new one';

/** 38-injection, with every combination of labels of namespace and pod. */
export const Injection: Story = {
  title: 'injection',
  steps: {
    'the namespaces': async (s) => {
      await s.givenCommand('1.30.4', 'install -y --set profile=minimal --revision 1-30-4 --readiness-timeout 100s');
      for (const [index, { value }] of Namespaces.entries()) await s.namespace(`n-${index}`, value);
      return Namespaces.map(({ name }) => name);
    },
    ...tables(onlyOld),
    ...switches(onlyOld),
    'a second revision comes': async (s) => {
      await s.givenCommand('1.31.0', 'install -y --set profile=minimal --revision 1-31-0 --readiness-timeout 100s');
      return s.state();
    },
    ...tables(tagAtOld),
    ...switches(tagAtOld),
    ...restartsIntoTheMesh,
    ...tables(tagAtNew),
    ...switches(tagAtNew),
    'a tag of another name, at the old revision': async (s) => {
      await s.givenCommand('1.31.0', 'tag set prod --revision 1-30-4');
      await s.namespace('n-prod', { 'istio.io/rev': 'prod' });
      const place = (name: string) => `n-${Namespaces.findIndex((one) => one.name === name)}`;
      const places = {
        prod: 'n-prod',
        'no label': place('no label'),
        'istio.io/rev=default': place('istio.io/rev=default'),
        'istio-injection=enabled': place('istio-injection=enabled'),
      };
      const probes: Record<string, Probe> = {
        plain: {},
        prod: { labels: { 'istio.io/rev': 'prod' } },
        'prod and asking': { labels: { 'istio.io/rev': 'prod', 'sidecar.istio.io/inject': 'true' } },
        asking: { labels: { 'sidecar.istio.io/inject': 'true' } },
        refusing: { labels: { 'sidecar.istio.io/inject': 'false' } },
      };
      const seen: Record<string, string> = {};
      for (const [where, namespace] of Object.entries(places))
        for (const [what, probe] of Object.entries(probes))
          seen[`${what} in ${where}`] = injectionOf(await s.probe(namespace, probe));
      return seen;
    },
    'that tag moves alone': async (s) => {
      await s.givenCommand('1.31.0', 'tag set prod --revision 1-31-0 --overwrite');
      return injectionOf(await s.probe('n-prod'));
    },
  },
};
