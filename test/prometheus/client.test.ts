import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigFileUnreadable } from '../../src/config/config-errors.ts';
import type { Cluster, ProxyRequest } from '../../src/ports/kubernetes.ts';
import type { PrometheusAccess } from '../../src/prometheus/access.ts';
import { createMetrics } from '../../src/prometheus/client.ts';
import { signedHeaders } from '../../src/prometheus/sign-v4.ts';

interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  form: URLSearchParams;
}

let server: Server;
let url: string;
let asked: Asked[];
let answer: (request: Asked, response: ServerResponse) => void;

beforeEach(async () => {
  asked = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url: path = '', headers } = request;
    const form = new URLSearchParams(method === 'POST' ? body : path.split('?')[1]);
    const seen = { method, url: path, headers, form };
    asked.push(seen);
    answer(seen, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Pauses between attempts take no time; a deadline is never reached unless a test says so. */
const patient = {
  now: () => 0,
  sleep: (ms: number, signal?: AbortSignal) =>
    ms < 1_000
      ? Promise.resolve()
      : new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
};
const metrics = (access: Partial<PrometheusAccess> = {}, clock = patient) =>
  createMetrics({ url, timeoutMs: 10_000, ...access }, { clock, env: {}, random: () => 0 });

const vector = (...result: unknown[]) => ({ status: 'success', data: { resultType: 'vector', result } });
const json =
  (body: unknown, status = 200) =>
  (_: Asked, response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const text =
  (body: string, status = 200, headers = {}) =>
  (_: Asked, response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

/** What goes along with every query, for stores that would answer otherwise than Prometheus does. */
const ofOneStore = {
  partial_response: 'false',
  dedup: 'true',
  max_source_resolution: '0s',
  nocache: '1',
  latency_offset: '1ms',
  max_lookback: '5m',
};

describe('a query', () => {
  it("is posted with its time, a timeout below the client's, and without partial responses", async () => {
    answer = json(vector());
    await metrics().query('up{job="é"}', Date.parse('2026-01-01T00:00:00.250Z'));
    expect(asked).toMatchObject([{ method: 'POST', url: '/api/v1/query' }]);
    expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
      query: 'up{job="é"}',
      time: '1767225600.250',
      timeout: '9000ms',
      ...ofOneStore,
    });
  });

  it.for([
    { given: '/prometheus', path: '/prometheus/api/v1/query' },
    { given: '/prometheus/', path: '/prometheus/api/v1/query' },
    { given: '/api/v1/query', path: '/api/v1/query' },
    { given: '/select/0/prometheus?tenant=a', path: '/select/0/prometheus/api/v1/query?tenant=a' },
  ])('keeps the path prefix of $given', async ({ given, path }) => {
    answer = json(vector());
    await metrics({ url: url + given }).query('up');
    expect(asked[0]?.url).toBe(path);
  });

  it.for([405, 403])('is repeated by GET if POST is answered %d, and later queries use GET at once', async (status) => {
    answer = (request, response) =>
      request.method === 'POST' ? void response.writeHead(status).end() : json(vector())(request, response);
    const client = metrics();
    await client.query('up');
    await client.query('up');
    expect(asked.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
    expect(asked[2]?.form.get('query')).toBe('up');
  });

  it.for([
    { access: { bearerToken: () => 'secret\n' }, headers: { authorization: 'Bearer secret' } },
    { access: { basicAuth: { username: 'me', password: () => 'ü' } }, headers: { authorization: 'Basic bWU6w7w=' } },
    { access: { headers: { 'X-Scope-OrgID': 'team' } }, headers: { 'x-scope-orgid': 'team' } },
  ])('is sent with the headers $headers', async ({ access, headers }) => {
    answer = json(vector());
    await metrics(access).query('up');
    expect(asked[0]?.headers).toMatchObject(headers);
  });

  it('is signed for AWS with its body, by the clock of the run', async () => {
    answer = json(vector());
    const credentials = () => ({ accessKeyId: 'AKID', secretAccessKey: 'of aws', sessionToken: 'session' });
    const now = () => Date.UTC(2026, 0, 1);
    await metrics({ sigv4: { region: 'eu-central-1', service: 'aps', credentials } }, { ...patient, now }).query('up');
    const [{ headers, form } = { headers: {}, form: new URLSearchParams() }] = asked;
    expect(headers).toMatchObject({ 'x-amz-date': '20260101T000000Z', 'x-amz-security-token': 'session' });
    const signed = await signedHeaders(
      {
        method: 'POST',
        url: new URL(`${url}/api/v1/query`),
        headers: { accept: 'application/json' },
        body: form.toString(),
      },
      { credentials: credentials(), region: 'eu-central-1', service: 'aps', at: now() },
    );
    expect(headers.authorization).toBe(signed['authorization']);
  });

  it('is sent with the token of the moment, and once more if it was renewed while the server refused it', async () => {
    const tokens = ['first', 'first', 'first', 'expired', 'renewed', 'renewed'];
    answer = (request, response) =>
      request.headers.authorization === 'Bearer expired'
        ? text('', 401)(request, response)
        : json(vector())(request, response);
    const client = metrics({ bearerToken: () => tokens.shift() ?? 'none' });
    for (const query of ['a', 'b']) await client.query(query);
    expect(asked.map(({ headers, form }) => [form.get('query'), headers.authorization])).toEqual([
      ['a', 'Bearer first'],
      ['b', 'Bearer first'],
    ]);
    await client.query('c');
    expect(asked.slice(2).map(({ headers }) => headers.authorization)).toEqual(['Bearer expired', 'Bearer renewed']);
  });

  it.for([
    { refusal: 401, when: 'they are those that the server refused', requests: 1 },
    { refusal: 403, when: 'they are those that the server refused, for POST and GET', requests: 2 },
  ])('is not repeated with its credentials after a $refusal when $when', async ({ refusal, requests }) => {
    answer = text('', refusal);
    const asking = metrics({ bearerToken: () => 'same' }).query('up');
    await expect(asking).rejects.toMatchObject({ code: 'PROMETHEUS_UNAUTHORIZED' });
    expect(asked).toHaveLength(requests);
  });

  it('waits for a token file that is being replaced, and fails with its line of the config', async () => {
    answer = json(vector());
    const file = { reads: 0, readable: [1, 4] };
    const bearerToken = () => {
      file.reads += 1;
      if (!file.readable.includes(file.reads)) throw ConfigFileUnreadable.of('token', 'c:3:1', 'it is empty');
      return 'token';
    };
    const client = metrics({ bearerToken });
    await client.query('up');
    expect(asked).toHaveLength(1);
    await expect(client.query('up')).rejects.toMatchObject({
      code: 'PROMETHEUS_UNREACHABLE',
      message: expect.stringContaining('c:3:1: file token cannot be used: it is empty'),
    });
    expect(file.reads).toBe(7);
  });

  it('moves user and password from the URL to a header, and leaves them out of messages', async () => {
    answer = text('', 401);
    const access = { url: url.replace('//', '//me:p%40ss@') };
    const failure = await metrics(access)
      .query('up')
      .catch((error: Error) => error.message);
    expect(asked[0]?.headers.authorization).toBe(`Basic ${btoa('me:p@ss')}`);
    expect(failure).not.toContain('p%40ss');
  });
});

describe('a query of a range', () => {
  const range = {
    start: Date.parse('2026-01-01T00:00:00.250Z'),
    end: Date.parse('2026-01-01T06:00Z'),
    stepMs: 900_500,
  };
  const matrix = (...result: unknown[]) => ({ status: 'success', data: { resultType: 'matrix', result } });

  it('is posted with its range, and for Thanos without downsampled data', async () => {
    answer = json(matrix());
    await metrics({ url: `${url}/prometheus` }).range('up', range);
    expect(asked).toMatchObject([{ method: 'POST', url: '/prometheus/api/v1/query_range' }]);
    expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
      query: 'up',
      start: '1767225600.250',
      end: '1767247200.000',
      step: '900.500',
      timeout: '9000ms',
      ...ofOneStore,
    });
  });

  it('results in the points of each series, with NaN, and nothing where there was no value', async () => {
    const values = [
      [1767225600.25, '1'],
      [1767227401.25, 'NaN'],
    ];
    answer = json({ ...matrix({ metric: { pod: 'a' }, values }, { metric: {}, values: [] }), warnings: ['half'] });
    expect(await metrics().range('up', range)).toEqual({
      series: [
        {
          labels: { pod: 'a' },
          points: [
            { at: 1767225600250, value: 1 },
            { at: 1767227401250, value: Number.NaN },
          ],
        },
        { labels: {}, points: [] },
      ],
      warnings: ['half'],
    });
  });

  it.for([
    {
      what: 'an instant vector',
      reply: vector({ metric: {}, value: [1, '1'] }),
      code: 'PROMETHEUS_WRONG_RESULT',
      says: 'The query up results in an instant vector, not in a range of samples (matrix).',
    },
    {
      what: 'native histograms',
      reply: matrix({ metric: {}, histograms: [[1, { count: '1' }]] }),
      code: 'PROMETHEUS_WRONG_RESULT',
      says: 'The query up results in native histograms, not in a range of samples (matrix).',
    },
    {
      what: 'a sample that is not a number',
      reply: matrix({ metric: {}, values: [[1, 'x']] }),
      code: 'PROMETHEUS_NOT_PROMETHEUS',
      says: 'not as Prometheus does',
    },
  ])('that results in $what is $code', async ({ reply, code, says }) => {
    answer = json(reply);
    await expect(metrics().range('up', range)).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
  });

  it('is repeated after a passing failure, and by GET if POST is refused, as an instant query is', async () => {
    answer = (request, response) => {
      if (request.method === 'POST') return text('', 405)(request, response);
      return asked.length < 3 ? text('', 503)(request, response) : json(matrix())(request, response);
    };
    expect(await metrics().range('up', range)).toEqual({ series: [], warnings: [] });
    expect(asked.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
    expect(asked[2]?.url).toMatch(/^\/api\/v1\/query_range\?query=up&start=1767225600\.250&/);
  });
});

describe('an answer', () => {
  it.for([
    { text: '0.25', value: 0.25 },
    { text: '1e+06', value: 1e6 },
    { text: 'NaN', value: Number.NaN },
    { text: '+Inf', value: Number.POSITIVE_INFINITY },
    { text: '-Inf', value: Number.NEGATIVE_INFINITY },
  ])('of $text is the number $value', async ({ text, value }) => {
    answer = json(vector({ metric: {}, value: [1767225600.25, text] }));
    expect((await metrics().query('up')).series).toEqual([{ labels: {}, value, at: 1767225600250 }]);
  });

  it('without series is empty, not zero', async () => {
    answer = json(vector());
    expect(await metrics().query('up')).toEqual({ series: [], warnings: [] });
  });

  it('of several series keeps their labels', async () => {
    answer = json(vector({ metric: { pod: 'a' }, value: [1, '1'] }, { metric: { pod: 'b' }, value: [1, '2'] }));
    expect((await metrics().query('up')).series.map(({ labels }) => labels['pod'])).toEqual(['a', 'b']);
  });

  it('of a scalar is one series without labels', async () => {
    answer = json({ status: 'success', data: { resultType: 'scalar', result: [1, '5'] } });
    expect((await metrics().query('scalar(up)')).series).toEqual([{ labels: {}, value: 5, at: 1000 }]);
  });

  it.for([
    {
      how: 'the warnings of Prometheus',
      more: { warnings: ['PromQL warning: mixed'] },
      warnings: ['PromQL warning: mixed'],
    },
    {
      how: 'a warning if VictoriaMetrics flags it as partial',
      more: { isPartial: true },
      warnings: ['the answer is partial'],
    },
    { how: 'no warning for an info of Prometheus', more: { infos: ['might not be a counter'] }, warnings: [] },
  ])('has $how', async ({ more, warnings }) => {
    answer = json({ ...vector(), ...more });
    expect((await metrics().query('up')).warnings).toEqual(warnings);
  });
});

describe('a failure', () => {
  const refusal = (errorType: string, error: string) => ({ status: 'error', errorType, error });

  it.for([
    {
      what: 'a wrong token',
      reply: text('no', 401),
      code: 'PROMETHEUS_UNAUTHORIZED',
      requests: 1,
    },
    {
      what: 'a missing right, for POST and GET',
      reply: text('no', 403),
      code: 'PROMETHEUS_UNAUTHORIZED',
      requests: 2,
    },
    {
      what: 'invalid PromQL',
      reply: json(refusal('bad_data', '1:3: parse error: unexpected end'), 400),
      code: 'PROMETHEUS_BAD_QUERY',
      requests: 1,
    },
    {
      what: 'an ambiguous match',
      reply: json(refusal('execution', 'many-to-many matching not allowed'), 422),
      code: 'PROMETHEUS_EXECUTION',
      requests: 1,
    },
    {
      what: 'too many series behind Thanos',
      reply: json(
        refusal(
          'execution',
          'rpc error: code = ResourceExhausted desc = exceeded series limit: limit 9 violated (got 10)',
        ),
        422,
      ),
      code: 'PROMETHEUS_EXECUTION',
      requests: 1,
    },
    {
      what: 'too many chunks behind Cortex',
      reply: json(
        refusal('execution', 'max number of chunks limit while fetching chunks from ingesters (limit: 9)'),
        422,
      ),
      code: 'PROMETHEUS_EXECUTION',
      requests: 1,
    },
    {
      what: 'a range that is too long for Mimir',
      reply: json(
        refusal(
          'bad_data',
          'the query time range exceeds the limit (query length: 9d, limit: 8d) (err-mimir-max-query-length)',
        ),
        422,
      ),
      code: 'PROMETHEUS_EXECUTION',
      requests: 1,
    },
    {
      what: 'invalid PromQL for VictoriaMetrics',
      reply: json(refusal('422', 'error when executing query="up{": cannot parse label filters'), 422),
      code: 'PROMETHEUS_BAD_QUERY',
      requests: 1,
    },
    {
      what: 'too many series for VictoriaMetrics',
      reply: json(refusal('422', 'the number of matching timeseries exceeds 9; see -search.maxUniqueTimeseries'), 422),
      code: 'PROMETHEUS_EXECUTION',
      requests: 1,
    },
    {
      what: 'a storage node of VictoriaMetrics that is away',
      reply: json(refusal('422', 'cannot fetch data from vmstorage: connection refused'), 422),
      code: 'PROMETHEUS_UNAVAILABLE',
      requests: 3,
    },
    {
      what: 'an unavailable store',
      reply: json(refusal('execution', 'rpc error: code = Unavailable'), 422),
      code: 'PROMETHEUS_UNAVAILABLE',
      requests: 3,
    },
    {
      what: 'a slow query',
      reply: json(refusal('timeout', 'query timed out'), 503),
      code: 'PROMETHEUS_UNAVAILABLE',
      requests: 3,
    },
    {
      what: 'a Prometheus that replays its write-ahead log',
      reply: text('Service Unavailable', 503),
      code: 'PROMETHEUS_UNAVAILABLE',
      requests: 3,
    },
    {
      what: 'too many queries',
      reply: text('slow down', 429),
      code: 'PROMETHEUS_UNAVAILABLE',
      requests: 3,
    },
    {
      what: 'a login page',
      reply: text('<html>log in</html>'),
      code: 'PROMETHEUS_NOT_PROMETHEUS',
      requests: 1,
    },
    {
      what: 'a redirect to a login page',
      reply: text('', 302, { location: '/login' }),
      code: 'PROMETHEUS_NOT_PROMETHEUS',
      requests: 1,
    },
    {
      what: 'a URL without its path prefix',
      reply: text('404 page not found', 404),
      code: 'PROMETHEUS_NOT_PROMETHEUS',
      requests: 1,
    },
    {
      what: 'a sample that is not a number',
      reply: json(vector({ metric: {}, value: [1, 'x'] })),
      code: 'PROMETHEUS_NOT_PROMETHEUS',
      requests: 1,
    },
    {
      what: 'a range vector',
      reply: json({ status: 'success', data: { resultType: 'matrix', result: [] } }),
      code: 'PROMETHEUS_WRONG_RESULT',
      requests: 1,
    },
    {
      what: 'a string as result',
      reply: json({ status: 'success', data: { resultType: 'string', result: [1, 'x'] } }),
      code: 'PROMETHEUS_WRONG_RESULT',
      requests: 1,
    },
    {
      what: 'a native histogram',
      reply: json(vector({ metric: {}, histogram: [1, { count: '1' }] })),
      code: 'PROMETHEUS_WRONG_RESULT',
      requests: 1,
    },
  ])('because of $what is $code after $requests requests', async ({ reply, code, requests }) => {
    answer = reply;
    const failure = await metrics()
      .query('up')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    expect(asked).toHaveLength(requests);
  });

  it('because of an invalid query has the query and the message of Prometheus', async () => {
    answer = json(refusal('bad_data', '1:3: parse error: unexpected end of input'), 400);
    await expect(metrics().query('up{')).rejects.toThrow('up{: 1:3: parse error: unexpected end of input');
  });

  it('is not reported if the third attempt succeeds', async () => {
    answer = (request, response) =>
      asked.length < 3 ? text('', 503)(request, response) : json(vector())(request, response);
    expect((await metrics().query('up')).series).toEqual([]);
  });

  it('to connect has the error of the network', async () => {
    await new Promise((closed) => server.close(closed));
    await expect(metrics().query('up')).rejects.toMatchObject({
      code: 'PROMETHEUS_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('to answer in time is PROMETHEUS_UNAVAILABLE', async () => {
    answer = () => undefined;
    const hasty = { now: () => 0, sleep: () => Promise.resolve() };
    await expect(metrics({}, hasty).query('up')).rejects.toMatchObject({ code: 'PROMETHEUS_UNAVAILABLE' });
  });

  it.for(['prometheus:9090', 'ftp://host', 'kubernetes://monitoring', 'kubernetes://monitoring/prometheus'])(
    'because of the invalid URL %s is reported before any request',
    (wrong) => {
      const build = () =>
        createMetrics({ url: wrong, timeoutMs: 1 }, { clock: patient, env: {}, cluster: proxying([]) });
      expect(build).toThrow(expect.objectContaining({ code: 'PROMETHEUS_ACCESS_INVALID' }));
    },
  );
});

function proxying(seen: ProxyRequest[], status = 200, body = JSON.stringify(vector())): Cluster {
  const refuse = () => {
    throw new Error('only the proxy is used');
  };
  return {
    named: (failure) => failure,
    list: refuse,
    listMetadata: refuse,
    get: refuse,
    create: refuse,
    tryCreate: refuse,
    replace: refuse,
    patch: refuse,
    delete: refuse,
    may: refuse,
    follow: refuse,
    refresh: refuse,
    changed: refuse,
    serves: refuse,
    version: refuse,
    now: refuse,
    close: refuse,
    requests: {},
    proxy: async (request) => {
      seen.push(request);
      return { status, body, headers: {} };
    },
  };
}

describe('a Prometheus inside the cluster', () => {
  const access = { url: 'kubernetes://monitoring/prometheus-server:http-web/prefix?scheme=https', timeoutMs: 10_000 };
  const through = (cluster: Cluster, more = {}) =>
    createMetrics({ ...access, ...more }, { clock: patient, env: {}, cluster });

  it("is asked through the API server's proxy", async () => {
    const seen: ProxyRequest[] = [];
    await through(proxying(seen), { headers: { 'X-Scope-OrgID': 'a' } }).query('a + b');
    expect(seen).toMatchObject([
      {
        namespace: 'monitoring',
        service: 'prometheus-server',
        port: 'http-web',
        scheme: 'https',
        headers: { 'X-Scope-OrgID': 'a' },
      },
    ]);
    expect(seen[0]?.path).toMatch(/^\/prefix\/api\/v1\/query\?query=a\+%2B\+b&timeout=9000ms&/);
  });

  it("is asked for ranges through the API server's proxy", async () => {
    const seen: ProxyRequest[] = [];
    const body = JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [] } });
    await through(proxying(seen, 200, body)).range('up', { start: 0, end: 60_000, stepMs: 15_000 });
    expect(seen[0]?.path).toMatch(/^\/prefix\/api\/v1\/query_range\?query=up&start=0\.000&end=60\.000&step=15\.000&/);
  });

  it.for([
    { status: 503, message: 'no endpoints available for service "prometheus"', code: 'PROMETHEUS_UNAVAILABLE' },
    { status: 403, message: 'services "prometheus" is forbidden', code: 'PROMETHEUS_UNAUTHORIZED' },
    { status: 404, message: 'services "prometheus" not found', code: 'PROMETHEUS_NOT_PROMETHEUS' },
  ])("reports the API server's message of a $status", async ({ status, message, code }) => {
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', message, code: status });
    await expect(through(proxying([], status, body)).query('up')).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('is refused together with credentials, which the API server would take for its own', () => {
    expect(() => through(proxying([]), { bearerToken: () => 'x' })).toThrow('cannot be handed through');
  });
});
