import { describe, expect, it } from 'vitest';
import { createSim, type Sim } from '../../../harness/rehearsal/sim/create-sim.ts';
import {
  labelDropped,
  ofClusters,
  type Relabelling,
  reporterSwitchedOff,
  tagRemoved,
} from '../../../harness/rehearsal/sim/metrics/relabelled.ts';
import type { FailureKind } from '../../../harness/rehearsal/sim/metrics/traffic-settings.ts';

const Hour = 3_600_000;
const ask = async (sim: Sim, promql: string, at?: number) => (await sim.run(sim.metrics.query(promql, at))).series;
const foo = { namespace: 'foo' };

/** What the proxies of a namespace count in an hour, by one of their reporters. */
async function countedBy(sim: Sim, reporter: 'source' | 'destination', namespace = 'foo') {
  const by = 'response_code, response_flags, grpc_response_status, destination_workload';
  const now = sim.clock.now();
  const query = `sum by (${by}) (istio_requests_total{reporter="${reporter}",namespace="${namespace}"})`;
  const before = new Map(
    (await ask(sim, query, now - Hour)).map(({ labels, value }) => [JSON.stringify(labels), value]),
  );
  const counts = (await ask(sim, query, now)).map(({ labels, value }) => {
    const { response_code, response_flags, grpc_response_status = '', destination_workload } = labels;
    const count = value - (before.get(JSON.stringify(labels)) ?? 0);
    return [response_code, response_flags, grpc_response_status, destination_workload, count]
      .join(' ')
      .replace('  ', ' ');
  });
  return counts.sort();
}

/** 2 pods, 10 requests a second each: 72,000 in an hour. */
const mesh = () => createSim({ rps: 10 });

describe('a failure', () => {
  const table: { what: string; failure: FailureKind; client: string; server: string | undefined }[] = [
    { what: 'of a server', failure: { responseCode: '503' }, client: '503 - foo', server: '503 - foo' },
    { what: 'by authorization', failure: { responseCode: '403' }, client: '403 - foo', server: '403 - foo' },
    {
      what: 'by external authorization',
      failure: { responseCode: '403', flags: 'UAEX' },
      client: '403 UAEX foo',
      server: '403 UAEX foo',
    },
    {
      what: 'without a route',
      failure: { responseCode: '404', flags: 'NR', seenBy: 'client' },
      client: '404 NR unknown',
      server: undefined,
    },
    {
      what: 'to connect',
      failure: { responseCode: '503', flags: 'URX,UF', seenBy: 'client' },
      client: '503 URX,UF foo',
      server: undefined,
    },
    {
      what: 'without a healthy server',
      failure: { responseCode: '503', flags: 'UH', seenBy: 'client' },
      client: '503 UH unknown',
      server: undefined,
    },
    {
      what: 'that is a cancelled request',
      failure: { responseCode: '0', flags: 'DC' },
      client: '0 DC foo',
      server: '0 DC foo',
    },
    {
      what: 'of gRPC',
      failure: { responseCode: '200', grpcStatus: '7' },
      client: '200 - 7 foo',
      server: '200 - 7 foo',
    },
  ];

  it.for(table)('$what is counted where it is seen', async ({ failure, client, server }) => {
    const sim = await mesh();
    sim.traffic.setErrorRatio({ ...foo, ratio: 0.25, failure, always: true });
    const served = failure.grpcStatus === undefined ? '200 - ' : '200 - 0 ';
    expect(await countedBy(sim, 'source')).toEqual([`${client} 18000`, `${served}foo 54000`].sort());
    const servers = [...(server === undefined ? [] : [`${server} 18000`]), `${served}foo 54000`];
    expect(await countedBy(sim, 'destination')).toEqual(servers.sort());
  });

  it('names the service that was called, as far as the proxy of the caller knows it', async () => {
    const sim = await mesh();
    const service = async (flags: string) => {
      sim.traffic.setErrorRatio({
        ...foo,
        ratio: 1,
        failure: { responseCode: '503', flags, seenBy: 'client' },
        always: true,
      });
      const [series] = await ask(
        sim,
        `sum by (destination_service, destination_service_name, destination_service_namespace) (istio_requests_total{reporter="source",namespace="foo",response_flags="${flags}"})`,
      );
      return Object.values(series?.labels ?? {});
    };
    const host = 'foo.foo.svc.cluster.local';
    expect(await service('UF')).toEqual([host, 'foo', 'foo']);
    expect(await service('UH')).toEqual([host, 'foo', 'unknown']);
    expect(await service('NR')).toEqual([host, host, 'unknown']);
  });

  it('adds to the failures of other causes, and takes the place of those of its own', async () => {
    const sim = await mesh();
    sim.traffic.setErrorRatio({ ratio: 0.1, always: true });
    sim.traffic.setErrorRatio({ ...foo, cause: 'release', ratio: 0.5, failure: { responseCode: '403' }, always: true });
    expect(await countedBy(sim, 'destination')).toEqual(['200 - foo 32400', '403 - foo 32400', '500 - foo 7200']);
    sim.traffic.setErrorRatio({ ...foo, cause: 'release', ratio: 0, always: true });
    expect(await countedBy(sim, 'destination')).toEqual(['200 - foo 64800', '500 - foo 7200']);
  });
});

describe('requests that are lost', () => {
  it.for([
    { seenBy: 'none' as const, client: 36_000 },
    { seenBy: 'client' as const, client: 72_000 },
  ])(
    'are missing on the side of the server, and on that of the client too if $seenBy counts them',
    async ({ seenBy, client }) => {
      const sim = await mesh();
      sim.traffic.setLost({ ...foo, ratio: 0.5, seenBy, always: true });
      expect(await countedBy(sim, 'destination')).toEqual(['200 - foo 36000']);
      expect(await countedBy(sim, 'source')).toEqual([`200 - foo ${client}`]);
    },
  );
});

describe('a gateway', () => {
  it('counts its calls to the workloads behind it, and serves none', async () => {
    const sim = await mesh();
    expect(await countedBy(sim, 'source', 'istio-ingress')).toEqual([
      '200 - bar 24000',
      '200 - baz 24000',
      '200 - foo 24000',
    ]);
    expect(await countedBy(sim, 'destination', 'istio-ingress')).toEqual([]);
  });
});

describe('an error ratio that wanders', () => {
  const wander = { logSd: 0.5, memoryMs: 150_000, seed: 3 };

  it('keeps its mean over hours, and moves within minutes', async () => {
    const sim = await createSim({ rps: 1000 });
    sim.traffic.setErrorRatio({ ...foo, ratio: 0.01, wander, always: true });
    const now = sim.clock.now();
    const ratio = (window: string, at = now) =>
      ask(
        sim,
        `sum(increase(istio_requests_total{reporter="destination",namespace="foo",response_code="500"}[${window}])) / sum(increase(istio_requests_total{reporter="destination",namespace="foo"}[${window}]))`,
        at,
      ).then(([series]) => series?.value ?? Number.NaN);
    expect(await ratio('7h')).toBeGreaterThan(0.008);
    expect(await ratio('7h')).toBeLessThan(0.012);
    const minutes: number[] = [];
    for (let minute = 0; minute < 60; minute++) minutes.push(await ratio('1m', now - minute * 60_000));
    expect(Math.max(...minutes) / Math.min(...minutes)).toBeGreaterThan(3);
  });

  it('is a pure function of time: whatever was asked before, the counts are the same', async () => {
    const counts = async (moments: readonly number[]) => {
      const sim = await mesh();
      sim.traffic.setErrorRatio({ ratio: 0.05, wander, always: true });
      const now = sim.clock.now();
      const found = new Map<number, number>();
      for (const ago of moments) {
        const [series] = await ask(sim, 'sum(istio_requests_total{response_code="500"})', now - ago);
        found.set(ago, series?.value ?? Number.NaN);
      }
      return moments.toSorted((a, b) => a - b).map((ago) => found.get(ago));
    };
    expect(await counts([0, 3 * Hour, Hour])).toEqual(await counts([3 * Hour, Hour, 0]));
  });

  it('cannot be that of two causes at once', async () => {
    const sim = await mesh();
    sim.traffic.setErrorRatio({ ratio: 0.01, wander });
    sim.traffic.setErrorRatio({ ratio: 0.01, wander, cause: 'release' });
    expect(() => sim.prometheus.scrapes.latest([], sim.clock.now())).toThrow('two causes');
  });
});

describe('durations', () => {
  it('are in the buckets for the past as well, at every step of a range', async () => {
    const sim = await createSim({ rps: 1000 });
    sim.traffic.setDuration({ ...foo, meanMs: 100, always: true });
    sim.traffic.setDuration({ ...foo, meanMs: 1000 });
    await sim.advance(Hour);
    const within = 'sum(increase(istio_request_duration_milliseconds_bucket{namespace="foo",le="250.0"}[30m]))';
    const all = within.replace('250.0', '+Inf');
    const { body } = sim.prometheus.handle({
      method: 'GET',
      port: '9090',
      headers: {},
      path: `/api/v1/query_range?${new URLSearchParams({ query: `${within} / ${all}`, start: String((sim.clock.now() - 3 * Hour) / 1000), end: String(sim.clock.now() / 1000), step: '3600' })}`,
      body: '',
    });
    const shares = JSON.parse(body).data.result[0].values.map(([, value]: [number, string]) =>
      Number(value).toFixed(2),
    );
    const before = (1 - Math.exp(-2.5)).toFixed(2);
    expect(shares).toEqual([before, before, before, (1 - Math.exp(-0.25)).toFixed(2)]);
  });
});

describe('telemetry that lacks something', () => {
  const failing = async (relabelling: Relabelling) => {
    const sim = await mesh();
    sim.traffic.setErrorRatio({ ratio: 0.5, always: true });
    sim.prometheus.faults.relabelling = relabelling;
    return sim;
  };
  const countOf = async (sim: Sim, selector: string) =>
    (await ask(sim, `count(istio_requests_total{${selector}})`))[0]?.value ?? 0;

  it('has half of the requests and no code where Prometheus drops the label of the code', async () => {
    const sim = await failing(labelDropped('response_code'));
    expect(await countOf(sim, 'response_code!=""')).toBe(0);
    expect(await countedBy(sim, 'destination')).toEqual([' - foo 36000']);
  });

  it('has all requests and no code where Istio removes the tag', async () => {
    const sim = await failing(tagRemoved('response_code'));
    expect(await countOf(sim, 'response_code!=""')).toBe(0);
    expect(await countedBy(sim, 'destination')).toEqual([' - foo 72000']);
  });

  it('lacks one reporter of a namespace where the Telemetry API switches it off', async () => {
    const sim = await failing(reporterSwitchedOff('destination', 'foo'));
    expect(await countedBy(sim, 'destination')).toEqual([]);
    expect(await countedBy(sim, 'source')).toHaveLength(2);
    expect(await countedBy(sim, 'destination', 'bar')).toHaveLength(2);
  });

  it('has the series of each cluster where several write to one Prometheus', async () => {
    const sim = await failing(ofClusters('prod-1', 'prod-2'));
    const all = await countOf(sim, '');
    expect(await countOf(sim, 'cluster="prod-1"')).toBe(all / 2);
    expect((await ask(sim, 'count(count by (cluster) (up))'))[0]?.value).toBe(2);
  });

  it('is scraped as seldom as it is told', async () => {
    const sim = await createSim({ scrapeIntervalMs: 60_000 });
    expect((await ask(sim, 'count_over_time(up{namespace="foo"}[1h])')).map(({ value }) => value)).toEqual([60, 60]);
  });
});
