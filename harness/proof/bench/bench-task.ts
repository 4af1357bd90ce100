import { injectedGateway, type SeedNamespace, type SeedWorkload } from '../../rehearsal/sim/seed-mesh.ts';
import type { Task } from '../faults/task.ts';

const follows = { 'istio.io/rev': 'default' };
/** The pods of each service of an application namespace: two services of five. */
const twoOfFive = [5, 5] as const;

const nameOf = (index: number): string => `app-${String(index + 1).padStart(4, '0')}`;

const namesOf = (namespaces: number): readonly string[] => Array.from({ length: namespaces }, (_, i) => nameOf(i));

/** Application namespaces with the same services each, a gateway, and what Prometheus runs in. */
export function benchMesh(namespaces: number, services: readonly number[] = twoOfFive): readonly SeedNamespace[] {
  const applications = namesOf(namespaces).map((name): SeedNamespace => {
    const workloads = services.map((replicas, index): SeedWorkload => ({ name: `${name}-${index + 1}`, replicas }));
    return { name, labels: follows, workloads };
  });
  return [
    ...applications,
    { name: 'istio-ingress', labels: follows, workloads: [injectedGateway('istio-ingressgateway')] },
    { name: 'monitoring', workloads: [{ name: 'prometheus', port: 9090 }] },
  ];
}

/** One namespace, then a tenth, then the rest: waves that people use. */
export function benchTask(namespaces: number): Task {
  const [canary = '', ...others] = namesOf(namespaces);
  const tenth = Math.max(1, Math.round(namespaces / 10));
  return {
    from: { version: '1.30.4', revision: '1-30-4' },
    to: { version: '1.31.0', revision: '1-31-0' },
    tag: 'default',
    gateways: ['istio-ingress/istio-ingressgateway'],
    waves: [
      { name: 'canary', namespaces: [canary] },
      { name: 'tenth', namespaces: others.slice(0, tenth) },
      { name: 'rest', namespaces: others.slice(tenth) },
    ],
    workloadsAtOnce: 30,
    // As long as the scripts sleep after each namespace.
    bakeMs: 60_000,
    soakMs: 60_000,
    errorRatioMax: 0.01,
    attemptMsMax: 48 * 60 * 60_000,
  };
}
