import { injectedGateway, type SeedNamespace } from '../../rehearsal/sim/seed-mesh.ts';

/** What every contender is asked: the mesh to upgrade, how fast, and what it may not touch. */
export interface Task {
  from: { version: string; revision: string };
  to: { version: string; revision: string };
  tag: string;
  gateways: readonly string[];
  /** Namespaces restarted and judged one wave after the other; the first is the canary. */
  waves: readonly { name: string; namespaces: readonly string[] }[];
  /** Rollouts under way at one time. */
  workloadsAtOnce: number;
  bakeMs: number;
  soakMs: number;
  /** Failed requests above this share are a regression. */
  errorRatioMax: number;
  /** One attempt may take so long, in virtual time. */
  attemptMsMax: number;
}

/** Small enough for thousands of runs: three namespaces, a gateway, every kind of workload. */
export const smallTask: Task = {
  from: { version: '1.30.4', revision: '1-30-4' },
  to: { version: '1.31.0', revision: '1-31-0' },
  tag: 'default',
  gateways: ['istio-ingress/istio-ingressgateway'],
  waves: [
    { name: 'canary', namespaces: ['bar'] },
    { name: 'rest', namespaces: ['baz', 'foo'] },
  ],
  workloadsAtOnce: 2,
  bakeMs: 30_000,
  soakMs: 20_000,
  errorRatioMax: 0.01,
  attemptMsMax: 90 * 60_000,
};

const follows = { 'istio.io/rev': 'default' };

export const smallMesh: readonly SeedNamespace[] = [
  { name: 'foo', labels: follows, workloads: [{ name: 'foo', replicas: 2 }] },
  { name: 'bar', labels: follows, workloads: [{ name: 'bar', replicas: 2 }] },
  {
    name: 'baz',
    labels: follows,
    workloads: [
      { name: 'baz' },
      { kind: 'StatefulSet', name: 'db', replicas: 2 },
      { kind: 'DaemonSet', name: 'agent' },
    ],
  },
  { name: 'istio-ingress', labels: follows, workloads: [injectedGateway('istio-ingressgateway')] },
  { name: 'outside', workloads: [{ name: 'outside' }] },
  { name: 'monitoring', workloads: [{ name: 'prometheus', port: 9090 }] },
];
