import { parseRatio } from '../../../src/config/ratio.ts';
import { parseDuration } from '../../../src/model/duration.ts';
import type { Release } from '../lab/hop.ts';

/** How a release misbehaves, as a scenario gives it. */
export interface Misbehaviour {
  errors?: string | number | undefined;
  failure?:
    | { status: number; path?: string | undefined; grpc?: true | undefined; lostRoute?: true | undefined }
    | undefined;
  slow?: string | undefined;
  /** How long after its first request a proxy begins to fail requests. */
  errorsAfter?: string | undefined;
  config?: 'rejected' | undefined;
  /** Namespaces of the proxies that fail; undefined: all. */
  errorsIn?: readonly string[] | undefined;
  image?: 'missing' | undefined;
  crashes?: boolean | undefined;
}

/** What makes a release misbehave: settings of its installation, and objects that are in the cluster before. */
export interface BadRelease {
  settings: readonly string[];
  objects: readonly object[];
}

/** An EnvoyFilter of the namespace of the control plane is for every proxy. */
const everywhere = ['istio-system'];

export function badRelease(
  {
    errors,
    failure = { status: 503 },
    slow,
    errorsAfter,
    config,
    errorsIn = everywhere,
    image,
    crashes = false,
  }: Misbehaviour,
  { version }: Release,
): BadRelease {
  const patches = [
    ...(errors === undefined
      ? []
      : [failure.lostRoute ? lostRoute : insertedFilter(errorFilter(parseRatio(errors), failure, errorsAfter))]),
    ...(slow === undefined ? [] : [insertedFilter(delayFilter(slow))]),
  ];
  return {
    settings: [
      ...(image === 'missing' ? [`values.global.proxy.image=docker.io/istio/no-such-image:${version}`] : []),
      // The agent of the proxy starts this instead of Envoy, and ends with it.
      ...(crashes ? ['meshConfig.defaultConfig.binaryPath=/bin/false'] : []),
    ],
    objects: [
      ...errorsIn.flatMap((namespace) =>
        patches.map((patch, index) => filterOf(version, namespace, `bad-release-${index + 1}`, patch)),
      ),
      ...(config === 'rejected' ? [filterOf(version, 'istio-system', 'rejected', insertedFilter(unknownFilter))] : []),
    ],
  };
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/fault/v3/fault.proto */
const faultFilter = (fault: object) => ({
  name: 'envoy.filters.http.fault',
  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault', ...fault },
});

/** No Envoy has it, so the proxies reject the listener. */
const unknownFilter = {
  name: 'rejected',
  typed_config: {
    '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
    type_url: 'type.googleapis.com/istio.canary.upgrade.NoSuchFilter',
    value: {},
  },
};

const UNAVAILABLE = 14;

type Failure = NonNullable<Misbehaviour['failure']>;

const errorFilter = (ratio: number, failure: Failure, after: string | undefined): object =>
  after === undefined ? faultFilter(abortOf(ratio, failure)) : lateErrors(ratio, failure, parseDuration(after));

/**
 * The fault filter has no clock. Each worker of the proxy runs the script, and counts from its first request.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
 */
function lateErrors(ratio: number, { status, path, grpc }: Failure, afterMs: number): object {
  const answer = grpc
    ? `{[":status"] = "200", ["content-type"] = "application/grpc", ["grpc-status"] = "${UNAVAILABLE}"}`
    : `{[":status"] = "${status}"}`;
  const conditions = [
    `handle:timestamp() - began >= ${afterMs}`,
    `math.random() < ${ratio}`,
    ...(path === undefined ? [] : [`string.sub(handle:headers():get(":path"), 1, ${path.length}) == "${path}"`]),
    ...(grpc ? [`string.find(handle:headers():get("content-type") or "", "^application/grpc")`] : []),
  ];
  const script = `local began
function envoy_on_request(handle)
  began = began or handle:timestamp()
  if ${conditions.join(' and ')} then
    handle:respond(${answer}, "")
  end
end
`;
  return {
    name: 'envoy.filters.http.lua',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
      default_source_code: { inline_string: script },
    },
  };
}

function abortOf(ratio: number, { status, path, grpc }: Failure): object {
  const headers = [
    ...(path === undefined ? [] : [{ name: ':path', string_match: { prefix: path } }]),
    ...(grpc ? [{ name: 'content-type', string_match: { prefix: 'application/grpc' } }] : []),
  ];
  return {
    abort: { ...(grpc ? { grpc_status: UNAVAILABLE } : { http_status: status }), percentage: percent(ratio) },
    ...(headers.length > 0 && { headers }),
  };
}

const delayFilter = (text: string): object =>
  faultFilter({ delay: { fixed_delay: `${parseDuration(text) / 1000}s`, percentage: percent(1) } });

const percent = (ratio: number) => ({ numerator: Math.round(ratio * 100), denominator: 'HUNDRED' });

interface Patch {
  applyTo: string;
  /** What of the listeners or routes of a server's proxy. */
  match: object;
  patch: object;
}

/** Right before the router, so that what counts requests has seen them. */
function insertedFilter(value: object): Patch {
  const filter = {
    name: 'envoy.filters.network.http_connection_manager',
    subFilter: { name: 'envoy.filters.http.router' },
  };
  const match = { listener: { filterChain: { filter } } };
  return { applyTo: 'HTTP_FILTER', match, patch: { operation: 'INSERT_BEFORE', value } };
}

/**
 * Envoy answers 404 with the flag NR, which no filter can give to a request. Istio does not remove routes, so this one fits no request.
 * @see https://istio.io/latest/docs/reference/config/analysis/ist0154/
 */
const lostRoute: Patch = {
  applyTo: 'HTTP_ROUTE',
  match: {},
  patch: { operation: 'MERGE', value: { match: { prefix: '/no-request-has-this-path' } } },
};

/** A change of the configuration of the servers' proxies of one version. */
function filterOf(version: string, namespace: string, name: string, { match, ...patch }: Patch): object {
  const proxyVersion = `^${version.replaceAll('.', '\\.')}.*`;
  return {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: { name, namespace },
    spec: { configPatches: [{ ...patch, match: { context: 'SIDECAR_INBOUND', proxy: { proxyVersion }, ...match } }] },
  };
}
