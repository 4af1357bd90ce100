import { describe, expect, it } from 'vitest';
import { istiodManifest } from '../../harness/rehearsal/sim/istio/control-plane-manifest.ts';
import { describeRight, rightsFor } from '../../src/checks/rights.ts';
import { expectedRemoval, isExpected, istiodObjects } from '../../src/mesh/istiod-objects.ts';

const system = 'istio-system';

describe('the objects of an istiod', () => {
  it.for([
    { revision: '1-30-4', kind: 'NetworkPolicy', name: 'istiod-1-30-4', is: true },
    { revision: '1-30-4', kind: 'ConfigMap', name: 'pilot-jwks-extra-cacerts-1-30-4', is: true },
    { revision: '1-30-4', kind: 'ConfigMap', name: 'istio-1-30-4-gatewayclass-istio', is: true },
    { revision: 'default', kind: 'ConfigMap', name: 'istio-default-gatewayclass-istio', is: true },
    { revision: 'default', kind: 'Deployment', name: 'istiod', is: true },
    { revision: 'default', kind: 'Deployment', name: 'istiod-1-30-4', is: false },
    { revision: '1-30-4', kind: 'ConfigMap', name: 'istio-1-31-0-gatewayclass-istio', is: false },
    { revision: '1-30-4', kind: 'Deployment', name: 'istio-ingressgateway', is: false },
    { revision: '1-30-4', kind: 'DaemonSet', name: 'istiod-1-30-4', is: false },
  ])('of revision $revision contain $kind $name: $is', ({ revision, kind, name, is }) => {
    expect(isExpected({ kind, name, namespace: system }, revision, system)).toBe(is);
  });

  it('contain everything that the charts install for one revision', () => {
    const unknown = istiodManifest('1-30-4', '1.30.4', { networkPolicy: true }).filter(
      ({ kind, object: { metadata } }) =>
        !isExpected(
          {
            kind: kind.kind,
            name: metadata.name,
            ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
          },
          '1-30-4',
          system,
        ),
    );
    expect(unknown).toEqual([]);
  });

  it('do not include a Service of the same name in another namespace', () => {
    expect(isExpected({ kind: 'Service', name: 'istiod-1-30-4', namespace: 'other' }, '1-30-4', system)).toBe(false);
  });

  it('that an uninstall must remove are the Deployment, the Service and the injector', () => {
    expect(expectedRemoval('default', system)).toEqual([
      { kind: 'Deployment', name: 'istiod', namespace: system },
      { kind: 'Service', name: 'istiod', namespace: system },
      { kind: 'MutatingWebhookConfiguration', name: 'istio-sidecar-injector' },
    ]);
  });

  it.for(istiodObjects)('may be created, patched, listed and deleted by an upgrade: $resource.kind', ({ resource }) => {
    const rights = new Set(rightsFor('upgrade', system).map(describeRight));
    const group = resource.apiVersion.includes('/') ? `.${resource.apiVersion.replace(/\/.*/, '')}` : '';
    const where = resource.namespaced ? ` in ${system}` : '';
    const missing = ['create', 'patch', 'delete', 'list'].filter(
      (verb) =>
        !rights.has(`${verb} ${resource.plural}${group}${where}`) && !rights.has(`${verb} ${resource.plural}${group}`),
    );
    expect(missing).toEqual([]);
  });
});
