import { describe, expect, it } from 'vitest';
import { inspectRestartLosses } from '../../src/checks/restart-losses.ts';
import { waitsBeforeItStops } from '../../src/checks/stop-wait.ts';
import type { PartialObject } from '../../src/model/kubernetes-object.ts';
import type { Cluster } from '../../src/ports/kubernetes.ts';
import type { Container, Service, WorkloadObject } from '../../src/ports/objects.ts';
import type { Metrics } from '../../src/ports/prometheus.ts';
import { PrometheusUnreachable } from '../../src/prometheus/prometheus-errors.ts';
import { gateSettings, noRanges } from '../gate/gate-fixtures.ts';
import { Old, plan } from '../mesh/world-fixtures.ts';

const app = (lifecycle?: Container['lifecycle']): Container => ({ name: 'app', ...(lifecycle && { lifecycle }) });
const sleep = (seconds: number) => ({ preStop: { sleep: { seconds } } });

describe('whether pods wait before they stop', () => {
  it.for([
    { waits: false, when: 'no container has a hook', containers: [app()] },
    { waits: true, when: 'the app sleeps', containers: [app(sleep(3))] },
    { waits: false, when: 'the app sleeps for 0 s', containers: [app(sleep(0))] },
    { waits: true, when: 'the app runs a command', containers: [app({ preStop: { exec: {} } })] },
    { waits: true, when: 'the app sends itself a request', containers: [app({ preStop: { httpGet: {} } })] },
    { waits: true, when: 'one of two containers waits', containers: [app(), { ...app(sleep(3)), name: 'other' }] },
    {
      waits: false,
      when: 'only the proxy has a hook',
      containers: [app(), { name: 'istio-proxy', lifecycle: sleep(3) }],
    },
    { waits: true, when: 'it is a gateway', containers: [{ name: 'istio-proxy', image: 'auto' }] },
  ])('is $waits when $when', ({ waits, containers }) => {
    expect(waitsBeforeItStops({ spec: { containers } })).toBe(waits);
  });
});

interface Case {
  workloads?: readonly { name: string; kind?: string; container?: Container; spec?: object }[];
  /** Requests a second by workload; undefined: Prometheus does not answer. */
  rates?: Readonly<Record<string, number>> | undefined;
  services?: readonly string[];
  revision?: string;
  waived?: string;
  /** Of the gate. */
  match?: string;
}

/** A mesh of one namespace, `shop`, where each workload has one pod. */
async function found({ workloads = [{ name: 'cart' }], revision = Old, waived, match = '', ...mesh }: Case) {
  const { rates = {}, services = workloads.map(({ name }) => name) } = mesh;
  const requests: string[] = [];
  const asked: string[] = [];
  const objects = workloads.map(({ name, kind = 'Deployment', container = app(), spec = {} }) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'shop' },
    spec: {
      replicas: 2,
      template: { metadata: { labels: { app: name } }, spec: { containers: [container] } },
      ...spec,
    },
  })) as readonly WorkloadObject[];
  const pods = objects.map(
    ({ kind = 'Deployment', metadata: { name } }): PartialObject => ({
      metadata: {
        name: `${name}-1`,
        namespace: 'shop',
        annotations: { 'istio.io/rev': revision },
        labels: { app: name },
        ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: name, controller: true }],
      },
    }),
  );
  const lists: Record<string, readonly object[]> = {
    Service: services.map(
      (name): Service => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'shop' },
        spec: { selector: { app: name } },
      }),
    ),
  };
  const cluster = {
    serves: async () => false,
    listMetadata: async () => pods,
    list: async ({ kind }: { kind: string }) => {
      requests.push(kind);
      return lists[kind] ?? objects.filter((object) => object.kind === kind);
    },
  } as unknown as Cluster;
  const metrics: Metrics = {
    ...noRanges,
    query: async (promql) => {
      asked.push(promql);
      if ('rates' in mesh && mesh.rates === undefined) throw PrometheusUnreachable.of('http://prometheus', 'refused');
      const series = Object.entries(rates).map(([destination_workload, value]) => ({
        labels: { destination_workload_namespace: 'shop', destination_workload },
        value,
        at: 0,
      }));
      return { series, warnings: [] };
    },
  };
  const waivers = waived === undefined ? [] : [{ workload: waived, reason: 'later', until: '2099-01-01' }];
  const [finding, ...others] = await inspectRestartLosses(
    { cluster, metrics },
    plan({ waivers, gate: { ...gateSettings, match } }),
  );
  expect(others).toEqual([]);
  return { finding, requests, asked };
}

describe('what restarts lose', () => {
  const two = [{ name: 'cart' }, { name: 'orders' }];
  it.for([
    { says: ['StatefulSet shop/db: 50 requests/s, about 0 to 5'], rates: { db: 50 } },
    { says: ['StatefulSet shop/db: 2.5 requests/s, about 0 to 1'], rates: { db: 2.5 } },
    { says: ['StatefulSet shop/db: 1234 requests/s, about 12 to 124'], rates: { db: 1_234.4 } },
    { says: ['StatefulSet shop/db: no requests at the moment'], rates: { db: 0 } },
    { says: ['StatefulSet shop/db: traffic unknown'], rates: { cart: 5 } },
    { says: ['StatefulSet shop/db: traffic unknown'], rates: { db: Number.NaN } },
    { says: ['StatefulSet shop/db: traffic unknown'], rates: undefined },
  ])('is $says when the requests a second are $rates', async ({ says, rates }) => {
    const { finding } = await found({ workloads: [{ name: 'db', kind: 'StatefulSet' }], rates });
    expect(finding).toMatchObject({ code: 'RESTART_LOSES_REQUESTS', severity: 'notes', objects: says });
  });

  it.for([
    {
      message:
        'to Deployment shop/cart, because no pod waits before it stops: about 1 to 10 at the traffic of the moment.',
      workloads: [{ name: 'cart' }],
      rates: { cart: 100 },
    },
    {
      message: 'to Deployment shop/cart, because no pod waits before it stops: how many is unknown.',
      workloads: [{ name: 'cart' }],
      rates: undefined,
    },
    {
      message: 'to 2 workloads, because no pod waits before it stops: about 3 to 30 at the traffic of the moment.',
      workloads: two,
      rates: { cart: 100, orders: 200 },
    },
    {
      message:
        'to 2 workloads, because no pod waits before it stops: about 2 to 20 at the traffic of the moment; the traffic of 1 is unknown.',
      workloads: two,
      rates: { orders: 200 },
    },
  ])('is one finding $message', async ({ message, workloads, rates }) => {
    const { finding } = await found({ workloads, rates });
    expect(finding?.message).toBe(`A restart loses requests ${message}`);
  });

  it('is found in the traffic of the cluster that the config names', async () => {
    const { asked } = await found({ match: 'cluster="prod-1"' });
    expect(asked).toEqual([
      'sum by (destination_workload_namespace, destination_workload) (rate(istio_requests_total{reporter="destination", cluster="prod-1"}[150s]))',
    ]);
  });

  it('names the workloads with most traffic first, and those of unknown traffic last', async () => {
    const workloads = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
    const { finding } = await found({ workloads, rates: { b: 10, d: 200, c: 0 } });
    expect(finding?.objects.map((object) => object.split(':')[0])).toEqual(
      ['d', 'b', 'c', 'a'].map((name) => `Deployment shop/${name}`),
    );
  });

  it.for<Case & { when: string }>([
    { when: 'the pods wait', workloads: [{ name: 'cart', container: app(sleep(3)) }] },
    { when: 'no pod runs the old proxy', revision: '1-31-0' },
    { when: 'no Service leads to the pods and Prometheus has no request to them', services: ['other'] },
    { when: 'the workload is waived', waived: 'Deployment shop/cart' },
    { when: 'no restart replaces its pods', workloads: [{ name: 'cart', spec: { paused: true } }] },
    {
      when: 'all of its pods are replaced at once, which WORKLOAD_GOES_DOWN reports',
      workloads: [{ name: 'cart', spec: { strategy: { type: 'Recreate' } } }],
    },
  ])('is not reported when $when', async (given) => {
    expect((await found(given)).finding).toBeUndefined();
  });

  it('is reported of a workload without a Service that serves requests', async () => {
    expect((await found({ services: [], rates: { cart: 10 } })).finding?.objects).toHaveLength(1);
  });

  it('costs one request beside the lists that are followed, however many workloads there are', async () => {
    const many = Array.from({ length: 900 }, (_, index) => ({ name: `app-${index}` }));
    const { finding, requests } = await found({ workloads: many });
    expect(finding?.objects).toHaveLength(900);
    expect(requests).toEqual(['Deployment', 'StatefulSet', 'DaemonSet', 'Service']);
  });
});
