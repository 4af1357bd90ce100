import { describe, expect, it } from 'vitest';
import { checkWorkloads } from '../../src/checks/workloads.ts';
import type { Workload, World } from '../../src/model/world.ts';
import { New, Old, plan, workload } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

describe('the check of workloads', () => {
  const gateway = workload('istio-ingress', 'istio-ingressgateway', { isGateway: true });
  const check = (workloads: Workload[], loosePods: World['loosePods'] = []) =>
    said(checkWorkloads({ workloads: [gateway, ...workloads], loosePods }, plan({ gatewaysOfTag: ['api/gw'] })));
  const injectedByHand = { labels: {}, annotations: { 'sidecar.istio.io/status': `{"revision":"${Old}"}` }, hash: '' };
  const gatewayApi = { labels: { 'gateway.networking.k8s.io/gateway-name': 'gw' }, annotations: {}, hash: '' };

  it.for([
    { says: [], when: 'a restart moves every workload', workloads: [workload('foo')] },
    {
      says: ['warns WORKLOAD_WILL_NOT_MOVE'],
      when: 'a Deployment is paused',
      workloads: [workload('foo', 'foo', { unrestartable: 'it is paused' })],
    },
    {
      says: ['notes WORKLOAD_GOES_DOWN'],
      when: 'a workload has no pod while it restarts',
      workloads: [workload('foo', 'foo', { down: 'its strategy is Recreate' })],
    },
    {
      says: [],
      when: 'a paused Deployment has no old pod',
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
      says: ['warns SIDECAR_IN_TEMPLATE'],
      when: 'kube-inject wrote the sidecar into a template',
      workloads: [workload('foo', 'foo', { hasFixedProxy: true, template: injectedByHand })],
    },
    {
      says: ['blocks GATEWAY_NOT_OF_TAG'],
      when: 'the config names a gateway that names the revision itself',
      workloads: [workload('istio-ingress', 'istio-ingressgateway', { isGateway: true, follows: undefined })],
    },
    {
      says: ['warns GATEWAY_FOLLOWS_TAG'],
      when: 'a Gateway API gateway follows the tag',
      workloads: [workload('api', 'gw', { hasFixedProxy: true, template: gatewayApi })],
    },
  ])('reports $says when $when', ({ says, workloads }) => {
    expect(check(workloads)).toEqual(says);
  });

  it('warns of pods that have no workload that can be restarted', () => {
    const loose = [{ namespace: 'foo', name: 'bare', revision: Old, reason: 'no controller would create it again' }];
    expect(check([], loose)).toEqual(['warns POD_WITHOUT_WORKLOAD']);
    expect(check([], [{ ...loose[0], namespace: 'foo', name: 'new', reason: '', revision: New }])).toEqual([]);
  });

  it('warns of a gateway without a second replica that takes over its connections', () => {
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

  it('blocks on a gateway that the config names and that does not exist', () => {
    expect(said(checkWorkloads({ workloads: [], loosePods: [] }, plan()))).toEqual(['blocks GATEWAY_UNKNOWN']);
  });
});
