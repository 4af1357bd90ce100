import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../src/mesh/owner-of.ts';
import type { ManagedFields, ObjectMeta } from '../../src/model/kubernetes-object.ts';
import { describeOwner } from '../../src/model/owner.ts';

const webhook = 'MutatingWebhookConfiguration';
const name = 'istio-revision-tag-default';

/** An entry of `managedFields` for one label or annotation. */
const wrote = (manager: string, map: 'labels' | 'annotations', key: string): ManagedFields => ({
  manager,
  operation: 'Apply',
  fieldsV1: { 'f:metadata': { [`f:${map}`]: { [`f:${key}`]: {} } } },
});
const helmMarks = { 'meta.helm.sh/release-name': 'istiod-1-30-4', 'meta.helm.sh/release-namespace': 'istio-system' };
const wroteRelease = (manager: string) => wrote(manager, 'annotations', 'meta.helm.sh/release-name');
const chartLabels = {
  'app.kubernetes.io/instance': 'istiod-1-30-4',
  'app.kubernetes.io/managed-by': 'Helm',
  'install.operator.istio.io/owning-resource': 'unknown',
};
const installed = { 'install.operator.istio.io/owning-resource-namespace': 'istio-system' };
const kustomization = {
  'kustomize.toolkit.fluxcd.io/name': 'mesh',
  'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
};
const tracked = (what: string) => ({ 'argocd.argoproj.io/tracking-id': `mesh:admissionregistration.k8s.io/${what}` });
const itself = tracked(`${webhook}:istio-system/${name}`);

describe('the owner of an object', () => {
  const cases: { is: string; when: string; metadata: Partial<ObjectMeta>; marks?: object }[] = [
    {
      is: 'istioctl',
      when: 'it has the label by which uninstall finds it',
      metadata: { labels: { ...chartLabels, ...installed } },
    },
    { is: 'unknown', when: 'it has only what the charts set under every tool', metadata: { labels: chartLabels } },
    {
      is: 'Helm release istio-system/istiod-1-30-4',
      when: 'it has the annotations of a release',
      metadata: { labels: chartLabels, annotations: helmMarks, managedFields: [wroteRelease('helm')] },
    },
    {
      is: 'Helm release istio-system/istiod-1-30-4',
      when: 'the API server does not say who wrote the annotations',
      metadata: { annotations: helmMarks },
    },
    {
      is: 'Helm release istio-system/istiod-1-30-4',
      when: 'istioctl wrote the same annotations after Helm',
      metadata: { annotations: helmMarks, managedFields: [wroteRelease('helm'), wroteRelease('istio-ci')] },
    },
    {
      is: 'unknown',
      when: 'istioctl tag set copied the annotations from the injector',
      metadata: { annotations: helmMarks, managedFields: [wroteRelease('istio-ci')] },
    },
    {
      is: 'unknown',
      when: 'a rollback wrote them as istioctl had copied them',
      metadata: { annotations: helmMarks, managedFields: [wroteRelease('istio-canary-upgrade')] },
    },
    { is: 'Argo CD Application mesh', when: 'its tracking id names it', metadata: { annotations: itself } },
    {
      is: 'unknown',
      when: 'its tracking id names the object from which it was copied',
      metadata: { annotations: tracked(`${webhook}:istio-system/istio-sidecar-injector-1-31-0`) },
    },
    {
      is: 'Argo CD Application mesh',
      when: 'Argo CD wrote the label of the instance',
      metadata: {
        labels: { 'app.kubernetes.io/instance': 'mesh' },
        managedFields: [wrote('argocd-controller', 'labels', 'app.kubernetes.io/instance')],
      },
    },
    {
      is: 'unknown',
      when: 'istioctl has written the label of the instance over that of Argo CD',
      metadata: {
        labels: { 'app.kubernetes.io/instance': 'istio' },
        managedFields: [
          wrote('istio-ci', 'labels', 'app.kubernetes.io/instance'),
          wrote('argocd-controller', 'labels', 'app'),
        ],
      },
    },
    {
      is: 'Argo CD Application mesh',
      when: 'neither a prune nor the deletion of the Application deletes it',
      metadata: { annotations: { ...itself, 'argocd.argoproj.io/sync-options': 'Prune=false, Delete=false' } },
      marks: { neverDeletes: true },
    },
    {
      is: 'Argo CD Application mesh',
      when: 'only a prune leaves it',
      metadata: { annotations: { ...itself, 'argocd.argoproj.io/sync-options': 'Prune=false' } },
    },
    { is: 'Flux Kustomization flux-system/mesh', when: 'it has its labels', metadata: { labels: kustomization } },
    {
      is: 'Flux Kustomization flux-system/mesh',
      when: 'its reconciliation is switched off',
      metadata: { labels: kustomization, annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' } },
      marks: { standsBack: 'paused', neverDeletes: true },
    },
    ...['IfNotPresent', 'Ignore'].map((ssa) => ({
      is: 'Flux Kustomization flux-system/mesh',
      when: `it is applied by the rule ${ssa}`,
      metadata: { labels: kustomization, annotations: { 'kustomize.toolkit.fluxcd.io/ssa': ssa } },
      marks: { standsBack: 'delegated' },
    })),
    {
      is: 'Flux Kustomization flux-system/mesh',
      when: 'it is not pruned',
      metadata: { labels: kustomization, annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' } },
      marks: { neverDeletes: true },
    },
    {
      is: 'Flux HelmRelease flux-system/istiod',
      when: 'Flux runs Helm',
      metadata: {
        labels: { 'helm.toolkit.fluxcd.io/name': 'istiod', 'helm.toolkit.fluxcd.io/namespace': 'flux-system' },
        annotations: helmMarks,
      },
    },
    {
      is: 'the operator of IstioRevision default',
      when: 'an operator runs Helm',
      metadata: {
        annotations: helmMarks,
        ownerReferences: [
          { apiVersion: 'sailoperator.io/v1', kind: 'IstioRevision', name: 'default', uid: 'u', controller: true },
        ],
      },
    },
    {
      is: 'Argo CD Application mesh',
      when: 'Argo CD applies what `istioctl manifest generate` printed',
      metadata: { labels: installed, annotations: itself },
    },
  ];

  it.for(cases)('is $is when $when', ({ is, metadata, marks = {} }) => {
    const owner = ownerOf({ metadata: { name, ...metadata } }, webhook);
    expect(owner === undefined ? 'unknown' : describeOwner(owner)).toBe(is);
    const { by: _by, name: _name, namespace: _namespace, ...marked } = owner ?? {};
    expect(marked).toEqual(marks);
  });
});
