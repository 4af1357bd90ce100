import type { Marks } from '../../src/model/marks.ts';
import type { Owner } from '../../src/model/owner.ts';
import type { Plan } from '../../src/model/plan.ts';
import type {
  AdmissionWebhook,
  ControlPlane,
  Injection,
  NamespaceState,
  PodAnswer,
  TagObject,
  Workload,
  World,
} from '../../src/model/world.ts';
import { gateSettings } from '../gate/gate-fixtures.ts';

export const Old = '1-30-4';
export const New = '1-31-0';

export function plan(more: Partial<Plan> = {}): Plan {
  return {
    schema: 1,
    clusterUid: 'uid-1',
    istioNamespace: 'istio-system',
    tag: 'default',
    direction: 'forward',
    from: Old,
    to: New,
    versions: { from: '1.30.4', to: '1.31.0' },
    install: { set: [] },
    gateways: ['istio-ingress/istio-ingressgateway'],
    waves: [
      { name: 'canary', namespaces: ['bar'] },
      { name: 'rest', namespaces: ['baz', 'foo'] },
    ],
    gate: gateSettings,
    waivers: [],
    pace: { workloadsAtOnce: 20, rolloutTimeoutMs: 900_000, roomTimeoutMs: 180_000, patienceMs: 900_000 },
    broken: { workloads: 3, ratio: 0.05 },
    soakMs: 60_000,
    bare: [],
    runId: 'run1',
    ...more,
  };
}

export const rolledOut = { complete: true, waitingFor: '', stuck: false, desired: 2, ready: 2 };

/** A Deployment of two pods that follows the tag `default` and runs the old proxy. */
export function workload(namespace: string, name = namespace, more: Partial<Workload> = {}): Workload {
  return {
    kind: 'Deployment',
    namespace,
    name,
    id: `Deployment ${namespace}/${name}`,
    rollout: rolledOut,
    follows: { tag: 'default', revision: Old, configurations: ['istio-revision-tag-default'] },
    pods: new Map([[Old, 2]]),
    podNames: new Map([[Old, [`${name}-1`, `${name}-2`]]]),
    restartedBy: undefined,
    isGateway: false,
    hasFixedProxy: false,
    pinnedImage: undefined,
    unrestartable: undefined,
    down: undefined,
    template: { labels: { app: name }, annotations: {}, hash: '0000abcd' },
    selector: { matchLabels: { app: name } },
    ...more,
  };
}

export const namespaces = (
  labels: Readonly<Record<string, Readonly<Record<string, string>>>>,
): ReadonlyMap<string, NamespaceState> =>
  new Map(
    Object.entries(labels).map(([name, own]) => [
      name,
      { name, labels: own, managers: ['kubectl-label'], terminating: false },
    ]),
  );

/** The two webhooks that inject namespaces and pods which name a tag or a revision. */
export function injectionWebhooks(
  name: string,
  { tag, revision }: { tag?: string; revision: string },
): AdmissionWebhook[] {
  const named = [tag ?? revision];
  const common = {
    configuration: name,
    kind: 'MutatingWebhookConfiguration' as const,
    tag,
    service: { namespace: 'istio-system', name: `istiod-${revision}`, exists: true, readyEndpoints: 1 },
    revision,
    failurePolicy: 'Fail',
    hasCaBundle: true,
    injects: true,
  };
  return [
    {
      ...common,
      name: 'rev.namespace.sidecar-injector.istio.io',
      namespaceSelector: {
        matchExpressions: [
          { key: 'istio.io/rev', operator: 'In', values: named },
          { key: 'istio-injection', operator: 'DoesNotExist' },
        ],
      },
      objectSelector: { matchExpressions: [{ key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] }] },
    },
    {
      ...common,
      name: 'rev.object.sidecar-injector.istio.io',
      namespaceSelector: {
        matchExpressions: [
          { key: 'istio.io/rev', operator: 'DoesNotExist' },
          { key: 'istio-injection', operator: 'DoesNotExist' },
        ],
      },
      objectSelector: {
        matchExpressions: [
          { key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] },
          { key: 'istio.io/rev', operator: 'In', values: named },
        ],
      },
    },
  ];
}

export function controlPlane(revision: string, more: Partial<ControlPlane> = {}): ControlPlane {
  return {
    revision,
    version: revision.replaceAll('-', '.'),
    deployment: { name: `istiod-${revision}`, desired: 1, ready: 1 },
    service: { name: `istiod-${revision}`, readyEndpoints: 1 },
    injector: { name: `istio-sidecar-injector-${revision}`, hasCaBundle: true },
    owner: { by: 'istioctl', name: '' },
    injectorOwner: { by: 'istioctl', name: '' },
    ...more,
  };
}

export function tagObjects(
  revisions: Partial<Record<TagObject['kind'], string | undefined>>,
  managers = ['istio-ci'],
  owner?: Owner,
): TagObject[] {
  return Object.entries(revisions).map(([kind, revision]) => ({
    kind: kind as TagObject['kind'],
    name: `${kind} of the tag`,
    revision,
    managers,
    owner,
    object: { metadata: { name: kind } },
  }));
}

export const tagAt = (revision: string): World['tags'] =>
  new Map([['default', tagObjects({ webhook: revision, Service: revision, validator: revision })]]);

/** What a dry-run pod of `Deployment foo/foo` was told. */
export const injection = (outcome: PodAnswer, others: Injection['others'] = []): Injection => ({
  namespace: 'foo',
  workload: 'Deployment foo/foo',
  outcome,
  others,
});

export const noMarks: Marks = { waves: {} };
