import { describe, expect, it } from 'vitest';
import { Faults } from '../../../harness/proof/lab/faults.ts';
import type { MeshProxy } from '../../../harness/proof/lab/mesh-proxy.ts';
import { ProxyMetrics } from '../../../harness/proof/lab/proxy-metrics.ts';
import { Traffic } from '../../../harness/proof/lab/traffic.ts';

function proxy(workload: string, revision: string, more: Partial<MeshProxy> = {}): MeshProxy {
  return {
    uid: `${workload}-${revision}`,
    name: `${workload}-${revision}`,
    namespace: workload,
    ip: '10.244.0.1',
    workload,
    kind: 'sidecar',
    revision,
    version: revision.replaceAll('-', '.'),
    protocol: 'http',
    isReady: true,
    labels: {},
    ...more,
  };
}

const gateway = proxy('gateway', '1-30-4', { kind: 'router', namespace: 'istio-ingress' });

/** Lets 100 s of traffic flow and renders what each proxy exports. */
async function exports(proxies: readonly MeshProxy[], faults = new Faults()): Promise<Map<string, string>> {
  const metrics = new Map(proxies.map((one) => [one.uid, new ProxyMetrics(one)]));
  const traffic = new Traffic(faults, (report) => metrics.get(report.by.uid)?.count(report));
  for (let tick = 0; tick < 200; tick += 1) traffic.flow(proxies, 500);
  const rendered = [...metrics].map(async ([uid, one]) => [uid, await one.render()] as const);
  return new Map(await Promise.all(rendered));
}

/** The sum of `istio_requests_total` over the series that have all these labels. */
function requests(text: string | undefined, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return (text ?? '')
    .split('\n')
    .filter((line) => line.startsWith('istio_requests_total{') && wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('the traffic exporter', () => {
  it('breaks only the proxies of the faulty revision', async () => {
    const faults = new Faults();
    faults.setErrors({ revision: '1-31-0', namespace: '*', errorRatio: 0.2 });
    const told = await exports([proxy('foo', '1-30-4'), proxy('foo', '1-31-0'), gateway], faults);
    const failed = { reporter: 'destination', response_code: '503' };
    expect(requests(told.get('foo-1-31-0'), failed)).toBe(1000);
    expect(requests(told.get('foo-1-30-4'), failed)).toBe(5);
    expect(requests(told.get('foo-1-31-0'), { reporter: 'destination' })).toBe(5000);
  });

  it('fails requests only in the named namespace, and stops when the ratio is unset', async () => {
    const faults = new Faults();
    faults.setErrors({ revision: '1-31-0', namespace: 'bar', errorRatio: 0.5 });
    const pods = [proxy('foo', '1-31-0'), proxy('bar', '1-31-0')];
    const failed = { reporter: 'destination', response_code: '503' };
    const broken = await exports(pods, faults);
    expect(requests(broken.get('foo-1-31-0'), failed)).toBe(5);
    expect(requests(broken.get('bar-1-31-0'), failed)).toBe(2500);
    faults.setErrors({ revision: '1-31-0', namespace: 'bar', errorRatio: null });
    expect(requests((await exports(pods, faults)).get('bar-1-31-0'), failed)).toBe(5);
  });

  it('answers with another status where the fault says so', async () => {
    const faults = new Faults();
    faults.setErrors({ revision: '1-31-0', namespace: '*', errorRatio: 1, status: 403 });
    const told = await exports([proxy('foo', '1-31-0')], faults);
    expect(requests(told.get('foo-1-31-0'), { reporter: 'destination', response_code: '403' })).toBe(5000);
  });

  it('has no route for calls of the faulty proxies alone: no server sees them, and no label names one', async () => {
    const faults = new Faults();
    faults.setErrors({ revision: '1-31-0', namespace: 'bar', errorRatio: 0.1, noRoute: true });
    const told = await exports([proxy('bar', '1-31-0'), proxy('baz', '1-30-4')], faults);
    const lost = { reporter: 'source', response_code: '404', response_flags: 'NR', destination_workload: 'unknown' };
    expect(requests(told.get('bar-1-31-0'), lost)).toBe(500);
    expect(requests(told.get('baz-1-30-4'), { reporter: 'destination' })).toBe(4500);
    expect(requests(told.get('bar-1-31-0'), { reporter: 'destination', response_code: '503' })).toBe(5);
  });

  it('takes longer where the fault says so, as both ends measure it', async () => {
    const faults = new Faults();
    faults.setSlow({ revision: '1-31-0', ms: 2_000 });
    const told = await exports([proxy('foo', '1-30-4'), proxy('foo', '1-31-0')], faults);
    const within = (uid: string, ms: number) =>
      Number(
        new RegExp(`bucket\\{le="${ms}",reporter="destination".*response_code="200".* (\\d+)$`, 'm').exec(
          told.get(uid) ?? '',
        )?.[1],
      );
    expect(within('foo-1-30-4', 25)).toBeGreaterThan(4_000);
    expect(within('foo-1-31-0', 1_000)).toBe(0);
  });

  it('lets both ends report a request', async () => {
    const told = await exports([proxy('foo', '1-30-4'), gateway]);
    const of = { source_workload: 'gateway', destination_service_name: 'foo' };
    expect(requests(told.get('foo-1-30-4'), { ...of, reporter: 'destination' })).toBe(5000);
    expect(requests(told.get(gateway.uid), { ...of, reporter: 'source' })).toBe(5000);
  });

  it('lets a broken gateway fail before the request leaves it', async () => {
    const faults = new Faults();
    faults.setErrors({ revision: '*', namespace: 'istio-ingress', errorRatio: 0.1 });
    const told = await exports([proxy('foo', '1-30-4'), gateway], faults);
    expect(requests(told.get(gateway.uid), { reporter: 'source', response_flags: 'UF' })).toBe(500);
    expect(requests(told.get('foo-1-30-4'), { reporter: 'destination' })).toBe(4500);
  });

  it('calls along foo -> bar -> baz', async () => {
    const told = await exports(['foo', 'bar', 'baz'].map((name) => proxy(name, '1-30-4')));
    expect(requests(told.get('baz-1-30-4'), { source_workload: 'bar', reporter: 'destination' })).toBe(5000);
    expect(requests(told.get('foo-1-30-4'), { destination_workload: 'bar', reporter: 'source' })).toBe(5000);
  });

  it('tells a gRPC failure by its own status', async () => {
    const faults = new Faults();
    faults.setErrors({ revision: '*', namespace: 'agent', errorRatio: 0.1 });
    const told = await exports([proxy('agent', '1-30-4', { protocol: 'grpc' })], faults);
    const answered = { request_protocol: 'grpc', response_code: '200' };
    expect(requests(told.get('agent-1-30-4'), { ...answered, grpc_response_status: '14' })).toBe(500);
    expect(requests(told.get('agent-1-30-4'), { ...answered, grpc_response_status: '0' })).toBe(4500);
  });

  it('sends nothing to a pod that is not ready', async () => {
    const told = await exports([proxy('foo', '1-30-4', { isReady: false }), gateway]);
    expect(requests(told.get('foo-1-30-4'), {})).toBe(0);
  });

  it('says which version of the proxy a pod runs', async () => {
    expect((await exports([gateway])).get(gateway.uid)).toContain('istio_build{component="proxy",tag="1.30.4"} 1');
  });
});
