import { parseRatio } from '../../../src/config/ratio.ts';
import { parseDuration } from '../../../src/model/duration.ts';
import type { Release } from './hop.ts';

/** How a release misbehaves, as a scenario gives it. */
export interface Misbehaviour {
  errors?: string | number | undefined;
  failure?: { status: number; path?: string | undefined; grpc?: true | undefined } | undefined;
  slow?: string | undefined;
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
  { errors, failure = { status: 503 }, slow, config, errorsIn = everywhere, image, crashes = false }: Misbehaviour,
  { version }: Release,
): BadRelease {
  const fault = { ...(errors !== undefined && abortOf(parseRatio(errors), failure)), ...(slow && delayOf(slow)) };
  return {
    settings: [
      ...(image === 'missing' ? [`values.global.proxy.image=docker.io/istio/no-such-image:${version}`] : []),
      // The agent of the proxy starts this instead of Envoy, and ends with it.
      ...(crashes ? ['meshConfig.defaultConfig.binaryPath=/bin/false'] : []),
    ],
    objects: [
      ...(Object.keys(fault).length === 0
        ? []
        : errorsIn.map((namespace) => filterOf(version, namespace, 'bad-release', faultFilter(fault)))),
      ...(config === 'rejected' ? [filterOf(version, 'istio-system', 'rejected', unknownFilter)] : []),
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

function abortOf(ratio: number, { status, path, grpc }: NonNullable<Misbehaviour['failure']>): object {
  const headers = [
    ...(path === undefined ? [] : [{ name: ':path', string_match: { prefix: path } }]),
    ...(grpc ? [{ name: 'content-type', string_match: { prefix: 'application/grpc' } }] : []),
  ];
  return {
    abort: { ...(grpc ? { grpc_status: UNAVAILABLE } : { http_status: status }), percentage: percent(ratio) },
    ...(headers.length > 0 && { headers }),
  };
}

const delayOf = (text: string): object => ({
  delay: { fixed_delay: `${parseDuration(text) / 1000}s`, percentage: percent(1) },
});

const percent = (ratio: number) => ({ numerator: Math.round(ratio * 100), denominator: 'HUNDRED' });

/** An HTTP filter of the proxies of one version, right before the router, so that what counts requests has seen them. */
function filterOf(version: string, namespace: string, name: string, value: object): object {
  const filter = {
    name: 'envoy.filters.network.http_connection_manager',
    subFilter: { name: 'envoy.filters.http.router' },
  };
  const proxyVersion = `^${version.replaceAll('.', '\\.')}.*`;
  const match = { context: 'SIDECAR_INBOUND', proxy: { proxyVersion }, listener: { filterChain: { filter } } };
  return {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: { name, namespace },
    spec: { configPatches: [{ applyTo: 'HTTP_FILTER', match, patch: { operation: 'INSERT_BEFORE', value } }] },
  };
}
