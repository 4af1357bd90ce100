import { describe, expect, it } from 'vitest';
import { type MoreWorkload, moreObjects } from '../../../harness/proof/kind/more-workloads.ts';

const cart: MoreWorkload = {
  namespace: 'shop',
  name: 'cart',
  kind: 'Deployment',
  replicas: 1,
  strategy: 'RollingUpdate',
  annotations: {},
  waits: true,
};

interface Seen {
  kind: string;
  metadata: { name: string; namespace?: string };
  spec: { template: { spec: { nodeSelector?: object; containers: [{ command: string[] }] } } };
}
const objects = (...workloads: MoreWorkload[]) => moreObjects(workloads) as readonly Seen[];
const podOf = (workload: MoreWorkload) => objects(workload).at(-1)?.spec.template.spec;

describe('the workloads that a scenario adds on kind', () => {
  it('come with their namespace, once for all of a namespace', () => {
    const kinds = objects(cart, { ...cart, name: 'orders' }).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(kinds).toEqual(['Namespace shop', 'ConfigMap scripts', 'Deployment cart', 'Deployment orders']);
  });

  it('leave a namespace of the manifests with the labels that it has', () => {
    expect(objects({ ...cart, namespace: 'bar' }).map(({ kind }) => kind)).toEqual(['ConfigMap', 'Deployment']);
  });

  it('run the ordinary application on any node, unless they are sick', () => {
    expect(podOf(cart)).not.toHaveProperty('nodeSelector');
    expect(podOf(cart)?.containers[0].command).toEqual(['node', '/scripts/app.mjs']);
  });

  it('are sick because no node takes them, or because their application ends', () => {
    expect(podOf({ ...cart, sick: 'no-node' })).toHaveProperty('nodeSelector');
    expect(podOf({ ...cart, sick: 'crashes' })?.containers[0].command.join(' ')).toContain('process.exit(1)');
  });
});
