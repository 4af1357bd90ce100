import { describe, expect, it } from 'vitest';
import { createSim, type Sim } from '../../../harness/rehearsal/sim/create-sim.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import { Deployments, GatewayApiGateways } from '../../../src/ports/kinds.ts';
import type { WorkloadObject } from '../../../src/ports/objects.ts';

const image = (sim: Sim, namespace: string, name: string) =>
  sim.store.get<WorkloadObject>(Deployments, name, namespace)?.spec.template.spec.containers[0]?.image;

describe('Gateway API gateways (48-gateway-api)', () => {
  it('follow the default tag at once, forward and back, unless a label pins them', async () => {
    const sim = await createSim({ more: [{ name: 'gw' }, { name: 'gw-pin' }] });
    sim.installGatewayApi();
    const gateway = (name: string, namespace: string, labels: Record<string, string>) =>
      sim.registry.create(GatewayApiGateways, {
        metadata: { name, namespace, labels },
        spec: { gatewayClassName: 'istio', listeners: [{ port: 80 }] },
      } as KubernetesObject);
    gateway('auto', 'gw', {});
    gateway('pinned', 'gw-pin', { 'istio.io/rev': '1-30-4' });
    await sim.settle();
    expect(image(sim, 'gw', 'auto-istio')).toBe('docker.io/istio/proxyv2:1.30.4');

    const { installer, meshTool } = sim.istioctl('1.31.0');
    await sim.run(installer.install({ revision: '1-31-0', version: '1.31.0', set: [], readinessTimeoutMs: 60_000 }));
    await sim.settle();
    expect(image(sim, 'gw', 'auto-istio')).toBe('docker.io/istio/proxyv2:1.30.4');
    await sim.run(meshTool.setTag('default', '1-31-0'));
    await sim.advance(400);
    expect(image(sim, 'gw', 'auto-istio')).toBe('docker.io/istio/proxyv2:1.31.0');
    expect(image(sim, 'gw-pin', 'pinned-istio')).toBe('docker.io/istio/proxyv2:1.30.4');
    await sim.run(meshTool.setTag('default', '1-30-4'));
    await sim.settle();
    expect(image(sim, 'gw', 'auto-istio')).toBe('docker.io/istio/proxyv2:1.30.4');
    expect(sim.pods('gw').map(({ metadata }) => metadata.annotations?.['istio.io/rev'])).toEqual(['1-30-4']);
  });
});
