import { describe, expect, it } from 'vitest';
import { badRelease, type Misbehaviour } from '../../../harness/proof/kind/bad-release.ts';
import { parseHop } from '../../../harness/proof/lab/hop.ts';

const { to } = parseHop('1.30.4..1.31.0');
const of = (misbehaviour: Misbehaviour) => badRelease(misbehaviour, to);
const text = (misbehaviour: Misbehaviour) => JSON.stringify(of(misbehaviour).objects);

describe('a bad release on kind', () => {
  it('fails requests only in proxies of the new version', () => {
    const pattern = new RegExp(
      /"proxyVersion":"([^"]+)"/.exec(text({ errors: '20%' }))?.[1]?.replaceAll('\\\\', '\\') ?? 'none',
    );
    expect(
      ['1.31.0', '1.31.0-rc.1', '1.30.4', '1.31.10', '11.31.0'].filter((version) => pattern.test(version)),
    ).toEqual(['1.31.0', '1.31.0-rc.1']);
  });

  it.for<{ is: string; misbehaviour: Misbehaviour; has: object }>([
    {
      is: 'a fifth of its requests',
      misbehaviour: { errors: '20%' },
      has: { abort: { http_status: 503, percentage: { numerator: 20, denominator: 'HUNDRED' } } },
    },
    {
      is: 'every request with 403',
      misbehaviour: { errors: '100%', failure: { status: 403 } },
      has: { abort: { http_status: 403, percentage: { numerator: 100, denominator: 'HUNDRED' } } },
    },
    {
      is: 'one route',
      misbehaviour: { errors: '100%', failure: { status: 404, path: '/baz' } },
      has: { headers: [{ name: ':path', string_match: { prefix: '/baz' } }] },
    },
    {
      is: 'gRPC only',
      misbehaviour: { errors: '50%', failure: { status: 503, grpc: true } },
      has: { abort: { grpc_status: 14, percentage: { numerator: 50, denominator: 'HUNDRED' } } },
    },
    {
      is: 'nothing, but slowly',
      misbehaviour: { slow: '2s' },
      has: { delay: { fixed_delay: '2s', percentage: { numerator: 100, denominator: 'HUNDRED' } } },
    },
  ])('fails $is', ({ misbehaviour, has }) => {
    const [filter] = of(misbehaviour).objects as [
      { spec: { configPatches: [{ patch: { value: { typed_config: object } } }] } },
    ];
    expect(filter.spec.configPatches[0].patch.value.typed_config).toMatchObject(has);
  });

  it('has no route to its applications, which no filter can play', () => {
    const { objects } = of({ errors: '100%', errorsIn: ['bar'], failure: { status: 404, lostRoute: true } });
    expect(objects).toMatchObject([
      {
        metadata: { namespace: 'bar' },
        spec: {
          configPatches: [
            {
              applyTo: 'HTTP_ROUTE',
              match: { context: 'SIDECAR_INBOUND', proxy: { proxyVersion: '^1\\.31\\.0.*' } },
              patch: { operation: 'MERGE', value: { match: { prefix: '/no-request-has-this-path' } } },
            },
          ],
        },
      },
    ]);
  });

  it.for<{ is: string; misbehaviour: Misbehaviour; has: string[] }>([
    {
      is: 'requests',
      misbehaviour: { errors: '20%', errorsAfter: '5m' },
      has: ['handle:timestamp() - began >= 300000', 'math.random() < 0.2', '{[":status"] = "503"}'],
    },
    {
      is: 'requests to one route',
      misbehaviour: { errors: '100%', errorsAfter: '60s', failure: { status: 404, path: '/baz' } },
      has: ['string.sub(handle:headers():get(":path"), 1, 4) == "/baz"', '{[":status"] = "404"}'],
    },
    {
      is: 'gRPC requests',
      misbehaviour: { errors: '50%', errorsAfter: '60s', failure: { status: 503, grpc: true } },
      has: ['"^application/grpc"', '["grpc-status"] = "14"'],
    },
  ])('fails $is only some time after its first request', ({ misbehaviour, has }) => {
    const [filter, ...others] = of(misbehaviour).objects as {
      spec: {
        configPatches: [{ patch: { value: { typed_config: { default_source_code: { inline_string: string } } } } }];
      };
    }[];
    expect(others).toEqual([]);
    const script = filter?.spec.configPatches[0].patch.value.typed_config.default_source_code.inline_string;
    for (const part of has) expect(script).toContain(part);
  });

  it('may be slow and fail requests', () => {
    expect(of({ errors: '20%', slow: '2s' }).objects).toHaveLength(2);
  });

  it('fails in every namespace, or in those that are named', () => {
    expect(text({ errors: '20%' })).toContain('"namespace":"istio-system"');
    expect(text({ errors: '20%', errorsIn: ['bar'] })).toContain('"namespace":"bar"');
  });

  it('is installed with settings when its proxies do not start', () => {
    expect(of({ image: 'missing' }).settings).toEqual([
      'values.global.proxy.image=docker.io/istio/no-such-image:1.31.0',
    ]);
    expect(of({ crashes: true }).settings).toEqual(['meshConfig.defaultConfig.binaryPath=/bin/false']);
  });

  it('may send what its proxies reject', () => {
    expect(text({ config: 'rejected' })).toContain('NoSuchFilter');
  });

  it('is nothing for a good release', () => {
    expect(of({})).toEqual({ settings: [], objects: [] });
  });
});
