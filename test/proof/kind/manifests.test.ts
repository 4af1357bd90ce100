import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  manifestNamespaces,
  manifestWorkloads,
  meshObjects,
  targets,
  workloadImages,
} from '../../../harness/proof/kind/manifests.ts';
import { parseHop } from '../../../harness/proof/lab/hop.ts';

interface Seen {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec?: {
    replicas?: number;
    hosts?: string[];
    http?: { match: { uri: { prefix: string } }[] }[];
    ports?: { name: string }[];
  };
}
const objects = meshObjects() as readonly Seen[];

describe('the manifests', () => {
  it('every object is in a namespace that they make, and that comes first', () => {
    const made = manifestNamespaces();
    expect(objects.slice(0, made.length).map(({ kind }) => kind)).toEqual(made.map(() => 'Namespace'));
    const elsewhere = objects.filter(
      ({ metadata: { namespace } }) => namespace !== undefined && !made.includes(namespace),
    );
    expect(elsewhere).toEqual([]);
  });

  it.for([
    { from: '1.30.4', labels: ['istio.io/rev', 'istio.io/rev', 'istio.io/rev', 'istio.io/rev'] },
    { from: '1.30.4@default', labels: ['istio-injection', 'istio-injection', 'istio.io/rev', 'istio.io/rev'] },
  ])('the namespaces of the mesh follow the tag by these labels from $from: $labels', ({ from, labels }) => {
    const hop = parseHop(`${from}..1.31.0`);
    const namespaces = (meshObjects(undefined, hop.from) as readonly Seen[]).filter(({ kind }) => kind === 'Namespace');
    expect(namespaces.flatMap(({ metadata }) => Object.keys(metadata.labels ?? {}))).toEqual(labels);
  });

  it('every workload behind the gateway is called, and has a route and a Service', () => {
    const served = manifestWorkloads()
      .filter(({ namespace, name }) => ['foo', 'bar', 'baz'].includes(namespace) && !['caller', 'echo'].includes(name))
      .map(({ namespace, name }) => `${namespace}/${name}`);
    expect(targets().map(({ target }) => target)).toEqual(served);
    const routes = objects.find(({ kind }) => kind === 'VirtualService')?.spec?.http ?? [];
    expect(routes.map(({ match }) => match[0]?.uri.prefix)).toEqual(served.map((target) => `/${target}`));
    const services = objects.filter(({ kind }) => kind === 'Service');
    expect(services.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(
      expect.arrayContaining(served),
    );
  });

  it('no failure is allowed for Deployments alone: the other kinds have a pod less meanwhile', () => {
    expect(
      targets()
        .filter(({ surges }) => surges)
        .map(({ target }) => target),
    ).toEqual(['foo/foo', 'bar/bar', 'baz/baz']);
  });

  it('the Deployments that clients call have as many pods as a scenario says, and the others as many as ever', () => {
    const replicas = (count?: number) =>
      Object.fromEntries(
        (meshObjects(undefined, undefined, count) as readonly Seen[]).flatMap(({ kind, metadata, spec }) =>
          spec?.replicas === undefined ? [] : [[`${kind} ${metadata.namespace}/${metadata.name}`, spec.replicas]],
        ),
      );
    const called = { 'Deployment foo/foo': 4, 'Deployment bar/bar': 4, 'Deployment baz/baz': 4 };
    expect(replicas(4)).toEqual({ ...replicas(), ...called });
  });

  it('every image has a version, and the one that Istio fills in is no image to load', () => {
    expect(workloadImages().length).toBeGreaterThan(1);
    expect(workloadImages().filter((image) => !/:v?\d+\.\d+\.\d+/.test(image))).toEqual([]);
  });

  it('the workloads run the Node that this project is tested with', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
    expect(workloadImages()).toContain(`docker.io/library/node:${devDependencies.node}-alpine`);
  });
});
