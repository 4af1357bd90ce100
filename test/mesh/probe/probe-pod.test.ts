import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probeName, probePod } from '../../../src/mesh/probe/probe-pod.ts';
import type { PartialObject } from '../../../src/model/kubernetes-object.ts';
import type { PodTemplate, WorkloadObject } from '../../../src/ports/objects.ts';

const template: PodTemplate = {
  metadata: { labels: { app: 'db' }, annotations: { note: 'x' } },
  spec: {
    containers: [{ name: 'app', volumeMounts: [{ name: 'data' }] }],
    volumes: [{ name: 'data' }, { name: 'tmp' }],
  },
};
const objectOf = (spec: Partial<WorkloadObject['spec']> = {}): WorkloadObject => ({
  metadata: { name: 'db', namespace: 'shop', uid: 'uid-of-db' },
  spec: { template, ...spec },
});
const member = (resourceVersion: string, hash: string): PartialObject => ({
  metadata: {
    name: `db-${hash}-x`,
    resourceVersion,
    labels: { 'pod-template-hash': hash },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `db-${hash}`, uid: `uid-of-${hash}`, controller: true },
    ],
  },
});

describe('a dry-run pod', () => {
  it('of a Deployment belongs to the ReplicaSet of its newest pod, and carries the hash of its template', () => {
    const members = [member('9', 'old'), member('10', 'new')];
    const pod = probePod(
      { kind: 'Deployment', namespace: 'shop', name: 'db' },
      { object: objectOf(), template, members },
    );
    expect(pod.metadata).toMatchObject({
      namespace: 'shop',
      labels: { app: 'db', 'pod-template-hash': 'new' },
      annotations: { note: 'x' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'db-new', uid: 'uid-of-new', controller: true },
      ],
    });
  });

  it('of a Deployment without pods belongs to a ReplicaSet all the same', () => {
    const source = { object: objectOf(), template, members: [] };
    const pod = probePod({ kind: 'Deployment', namespace: 'shop', name: 'db' }, source);
    expect(pod.metadata.ownerReferences).toMatchObject([{ kind: 'ReplicaSet', controller: true }]);
  });

  it.for(['StatefulSet', 'DaemonSet'] as const)('of a %s belongs to it', (kind) => {
    const pod = probePod({ kind, namespace: 'shop', name: 'db' }, { object: objectOf(), template, members: [] });
    expect(pod.metadata.ownerReferences).toEqual([
      { apiVersion: 'apps/v1', kind, name: 'db', uid: 'uid-of-db', controller: true },
    ]);
  });

  it('has the volumes of the claims in place of those of the template with the same name', () => {
    const object = objectOf({ volumeClaimTemplates: [{ metadata: { name: 'data' } }] });
    const pod = probePod({ kind: 'StatefulSet', namespace: 'shop', name: 'db' }, { object, template, members: [] });
    expect(pod.spec.volumes).toEqual([
      { name: 'tmp' },
      { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } },
    ]);
  });

  it('has a name that the API server and the host name of a pod allow, whatever the workload is called', () => {
    const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    const names = fc.array(label, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(names, (name) => {
        const given = probeName(name);
        expect(given.length).toBeLessThanOrEqual(63);
        expect(given).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
      }),
    );
  });
});
