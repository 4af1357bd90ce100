import { describe, expect, it } from 'vitest';
import { checkControlPlanes } from '../../src/checks/control-planes.ts';
import { checkInjections } from '../../src/checks/injections.ts';
import { checkIstioFindings } from '../../src/checks/istio-findings.ts';
import { checkNamespaces } from '../../src/checks/namespaces.ts';
import { checkTags } from '../../src/checks/tags.ts';
import { checkVersions } from '../../src/checks/versions.ts';
import { checkWorkloads } from '../../src/checks/workloads.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { AdmissionWebhook, ControlPlane, Workload, World } from '../../src/model/world.ts';
import {
  controlPlane,
  injectionWebhooks,
  New,
  namespaces,
  Old,
  plan,
  tagAt,
  tagObjects,
  workload,
} from '../mesh/world-fixtures.ts';

const said = (findings: readonly Finding[]) => findings.map(({ code, severity }) => `${severity} ${code}`);
const tagWebhooks = injectionWebhooks('istio-revision-tag-default', { tag: 'default', revision: Old });

describe('the check of versions', () => {
  it.for([
    { from: '1.30.4', to: '1.31.0', kubernetes: 'v1.36.3', says: [] },
    { from: '1.29.1', to: '1.31.0', kubernetes: 'v1.34.0', says: [] },
    { from: '1.28.0', to: '1.31.0', kubernetes: 'v1.34.0', says: ['blocks SKEW_TOO_WIDE'] },
    { from: '1.31.0', to: '1.30.4', kubernetes: 'v1.34.0', says: ['blocks DOWNGRADE'] },
    { from: '', to: '1.31.0', kubernetes: 'v1.34.0', says: ['blocks VERSION_UNKNOWN'] },
    { from: '1.30.4', to: '1.31.0', kubernetes: 'v1.31.9', says: ['blocks KUBERNETES_TOO_OLD'] },
    { from: '1.30.4', to: '1.31.0', kubernetes: 'v1.37.0', says: ['warns KUBERNETES_UNTESTED'] },
    { from: '1.98.0', to: '1.99.0', kubernetes: 'v1.37.0', says: ['notes KUBERNETES_UNCHECKED'] },
  ])('says $says of $from to $to on $kubernetes', ({ from, to, kubernetes, says }) => {
    const identity = { clusterUid: 'uid-1', kubernetesVersion: kubernetes };
    expect(said(checkVersions({ identity }, plan({ versions: { from, to } })))).toEqual(says);
  });

  it('refuses to upgrade a revision onto itself', () => {
    const identity = { clusterUid: 'uid-1', kubernetesVersion: 'v1.34.0' };
    expect(said(checkVersions({ identity }, plan({ from: New })))).toEqual(['blocks SAME_REVISION']);
  });
});

describe('the check of tags', () => {
  const both = new Map([Old, New].map((revision) => [revision, controlPlane(revision)]));
  const cases: {
    says: string[];
    when: string;
    tags: World['tags'];
    controlPlanes?: World['controlPlanes'];
    to?: string;
  }[] = [
    { says: [], when: 'all objects name the old revision', tags: tagAt(Old) },
    {
      says: [],
      when: 'they have moved, and the old istiod is gone',
      tags: tagAt(New),
      controlPlanes: new Map([[New, controlPlane(New)]]),
    },
    {
      says: [],
      when: 'a killed run moved a part',
      tags: new Map([['default', tagObjects({ webhook: New, Service: Old, validator: Old })]]),
    },
    { says: ['blocks TAG_MISSING'], when: 'there is none', tags: new Map() },
    {
      says: ['blocks TAG_SPLIT'],
      when: 'a third revision is named',
      tags: new Map([['default', tagObjects({ webhook: Old, Service: '1-29-0', validator: Old })]]),
    },
    {
      says: ['blocks TAG_REVISION_UNKNOWN'],
      when: 'no istiod of the named revision is there',
      tags: tagAt(Old),
      controlPlanes: new Map(),
    },
    {
      says: ['warns TAG_OWNED_BY_GITOPS'],
      when: 'Argo CD writes it too',
      tags: new Map([
        ['default', tagObjects({ webhook: Old, Service: Old, validator: Old }, ['istio-ci', 'argocd-controller'])],
      ]),
    },
    {
      says: ['blocks REVISION_IS_A_TAG'],
      when: 'a tag is called like the target',
      tags: new Map([...tagAt(Old), [New, tagObjects({ webhook: Old })]]),
    },
  ];

  it.for(cases)('says $says when $when', ({ says, tags, controlPlanes = both }) => {
    expect(said(checkTags({ tags, controlPlanes }, plan()))).toEqual(says);
  });

  it('asks for the tag default also when the mesh follows another one', () => {
    const tags = new Map([['prod', tagObjects({ webhook: Old, Service: Old })]]);
    expect(said(checkTags({ tags, controlPlanes: both }, plan({ tag: 'prod' })))).toEqual([
      'blocks DEFAULT_TAG_MISSING',
    ]);
  });
});

describe('the check of control planes', () => {
  const cases: { says: string[]; when: string; old?: Partial<ControlPlane>; webhooks?: AdmissionWebhook[] }[] = [
    { says: [], when: 'the old istiod is whole' },
    {
      says: ['blocks CONTROL_PLANE_NOT_READY'],
      when: 'it has no ready replica',
      old: { deployment: { name: 'istiod', desired: 2, ready: 0 } },
    },
    { says: ['warns NOT_INSTALLED_BY_ISTIOCTL'], when: 'Helm installed it', old: { isOwnedByInstaller: false } },
    {
      says: ['blocks CONTROL_PLANE_INCOMPLETE'],
      when: 'its injector is gone, of which istioctl panics',
      old: { injector: undefined },
    },
    {
      says: ['blocks WEBHOOK_DEAD'],
      when: 'a webhook calls a Service that is gone',
      webhooks: tagWebhooks.map((webhook) => ({
        ...webhook,
        service: { namespace: 'istio-system', name: 'istiod-1-29-0', exists: false, readyEndpoints: 0 },
      })),
    },
    {
      says: ['blocks WEBHOOK_DEAD'],
      when: 'a webhook calls an istiod without endpoints',
      webhooks: tagWebhooks.map((webhook) => ({
        ...webhook,
        service: { namespace: 'istio-system', name: 'istiod-1-30-4', exists: true, readyEndpoints: 0 },
      })),
    },
  ];

  it.for(cases)('says $says when $when', ({ says, old = {}, webhooks = tagWebhooks }) => {
    expect(
      said(checkControlPlanes({ controlPlanes: new Map([[Old, controlPlane(Old, old)]]), webhooks }, plan())),
    ).toEqual(says);
  });
});

describe('the check of namespaces', () => {
  const follows = { 'istio.io/rev': 'default' };
  const check = (labels: Record<string, Record<string, string>>, webhooks = tagWebhooks, workloads: Workload[] = []) =>
    said(checkNamespaces({ namespaces: namespaces(labels), webhooks, workloads }, plan()));

  it('blocks on a namespace with both labels, of which the second is ignored', () => {
    expect(check({ foo: { ...follows, 'istio-injection': 'enabled' } })).toEqual(['blocks NAMESPACE_WITH_BOTH_LABELS']);
    expect(check({ foo: { ...follows, 'istio-injection': 'disabled' } })).toEqual([
      'blocks NAMESPACE_WITH_BOTH_LABELS',
    ]);
  });

  it('blocks when two configurations select the same pod, whatever they are labelled', () => {
    const copy = injectionWebhooks('copy-of-the-tag', { tag: 'default', revision: Old });
    expect(check({ foo: follows }, [...tagWebhooks, ...copy])).toEqual(['blocks DOUBLE_INJECTION']);
    expect(check({ outside: {} }, [...tagWebhooks, ...copy])).toEqual([]);
  });

  it('warns of a namespace of the tag that no wave names', () => {
    expect(check({ late: follows }, tagWebhooks, [workload('late')])).toEqual(['warns NAMESPACE_IN_NO_WAVE']);
    expect(check({ foo: follows }, tagWebhooks, [workload('foo')])).toEqual([]);
  });
});

describe('the check of workloads', () => {
  const gateway = workload('istio-ingress', 'istio-ingressgateway', { isGateway: true });
  const check = (workloads: Workload[], loosePods: World['loosePods'] = []) =>
    said(checkWorkloads({ workloads: [gateway, ...workloads], loosePods }, plan()));
  const gatewayApi = { labels: { 'gateway.networking.k8s.io/gateway-name': 'gw' }, annotations: {} };

  it.for([
    { says: [], when: 'a restart moves all', workloads: [workload('foo')] },
    {
      says: ['warns WORKLOAD_WILL_NOT_MOVE'],
      when: 'a Deployment is paused',
      workloads: [workload('foo', 'foo', { unrestartable: 'it is paused' })],
    },
    {
      says: ['notes WORKLOAD_GOES_DOWN'],
      when: 'one has no pod while it restarts',
      workloads: [workload('foo', 'foo', { down: 'its strategy is Recreate' })],
    },
    {
      says: [],
      when: 'a paused one has no old pod',
      workloads: [workload('foo', 'foo', { unrestartable: 'it is paused', pods: new Map() })],
    },
    {
      says: ['notes PROXY_IMAGE_PINNED'],
      when: 'an image is pinned',
      workloads: [workload('foo', 'foo', { pinnedImage: 'proxyv2:1.20' })],
    },
    {
      says: ['blocks GATEWAY_NOT_INJECTED'],
      when: 'a gateway was installed by istioctl',
      workloads: [workload('gw', 'gw', { hasFixedProxy: true })],
    },
    {
      says: ['warns GATEWAY_FOLLOWS_TAG'],
      when: 'a Gateway API gateway follows the tag',
      workloads: [workload('gw', 'gw', { hasFixedProxy: true, template: gatewayApi })],
    },
  ])('says $says when $when', ({ says, workloads }) => {
    expect(check(workloads)).toEqual(says);
  });

  it('warns of pods that belong to nothing that can be restarted', () => {
    const loose = [{ namespace: 'foo', name: 'bare', revision: Old, reason: 'no controller would make it again' }];
    expect(check([], loose)).toEqual(['warns POD_WITHOUT_WORKLOAD']);
    expect(check([], [{ ...loose[0], namespace: 'foo', name: 'new', reason: '', revision: New }])).toEqual([]);
  });

  it('warns of a gateway that has no second replica to take its connections', () => {
    const gateway = (desired: number) =>
      workload('istio-ingress', 'gw', {
        isGateway: true,
        rollout: { complete: true, waitingFor: '', stuck: false, desired, ready: desired },
      });
    const checked = (desired: number) =>
      said(
        checkWorkloads({ workloads: [gateway(desired)], loosePods: [] }, { ...plan(), gateways: ['istio-ingress/gw'] }),
      );
    expect(checked(1)).toEqual(['warns GATEWAY_WITH_ONE_REPLICA']);
    expect(checked(2)).toEqual([]);
  });

  it('blocks on a gateway that the config names and that is not there', () => {
    expect(said(checkWorkloads({ workloads: [], loosePods: [] }, plan()))).toEqual(['blocks GATEWAY_UNKNOWN']);
  });
});

describe('the check of dry-run pods', () => {
  it.for([
    { says: [], outcome: { revision: Old } },
    { says: [], outcome: { revision: New } },
    { says: ['blocks POD_INJECTED_BY_OTHER'], outcome: { revision: '1-29-0' } },
    { says: ['blocks POD_INJECTED_BY_OTHER'], outcome: { revision: 'none' } },
    { says: ['blocks POD_REFUSED'], outcome: { error: 'failed calling webhook' } },
  ])('says $says of $outcome', ({ says, outcome }) => {
    const injections = [{ namespace: 'foo', workload: 'Deployment foo/foo', outcome }];
    expect(said(checkInjections({ injections }, [Old, New]))).toEqual(says);
  });
});

describe('findings of istioctl', () => {
  it('block, warn and note by their level, without those that are false in a tagged mesh', () => {
    const finding = (code: string, level: 'Error' | 'Warning' | 'Info') => ({
      code,
      level,
      message: code,
      origin: 'Pod x',
    });
    const istioFindings = [
      finding('IST0101', 'Error'),
      finding('IST0172', 'Warning'),
      finding('IST0118', 'Info'),
      finding('IST0146', 'Error'),
      finding('IST0123', 'Warning'),
    ];
    expect(said(checkIstioFindings({ istioFindings }))).toEqual(['blocks IST0101', 'warns IST0172', 'notes IST0118']);
  });
});
