/** What is compared: how a server's pods end. Each variant is a separate Deployment. */

/** What the app does on SIGTERM. A gateway has no app. */
export type OnTerm = 'exits at once' | 'finishes open requests' | 'serves 3 s longer' | 'gateway';

export interface Variant {
  /** Of its Deployment and Service. */
  name: string;
  onTerm: OnTerm;
  /** Whether the proxy is a native sidecar, as both releases inject it on this Kubernetes; false: an ordinary container. */
  native: boolean;
  /** Seconds that the app waits before it stops; for a gateway, the proxy. */
  preStop?: number;
  /** Of the proxy, as in the annotation `proxy.istio.io/config`. */
  proxy?: ProxySettings;
}

interface ProxySettings {
  terminationDrainDuration?: string;
  proxyMetadata?: Readonly<Record<string, string>>;
}

const drain15s: ProxySettings = { terminationDrainDuration: '15s' };
const onZero: ProxySettings = { proxyMetadata: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'true' } };
const onZero15s: ProxySettings = { proxyMetadata: { ...onZero.proxyMetadata, MINIMUM_DRAIN_DURATION: '15s' } };

const native = { onTerm: 'exits at once', native: true } as const;
const ordinary = { onTerm: 'exits at once', native: false } as const;
const gateway = { onTerm: 'gateway', native: false } as const;

/** In the order in which they are measured. */
export const variants: readonly Variant[] = [
  { name: 'exits', ...native },
  { name: 'exits-ordinary', ...ordinary },
  { name: 'prestop-3s', ...native, preStop: 3 },
  { name: 'prestop-3s-ordinary', ...ordinary, preStop: 3 },
  { name: 'drain-15s', ...native, proxy: drain15s },
  { name: 'drain-15s-ordinary', ...ordinary, proxy: drain15s },
  { name: 'on-zero', ...native, proxy: onZero },
  { name: 'on-zero-ordinary', ...ordinary, proxy: onZero },
  { name: 'on-zero-15s-ordinary', ...ordinary, proxy: onZero15s },
  { name: 'finishes', ...native, onTerm: 'finishes open requests' },
  { name: 'serves-on', ...native, onTerm: 'serves 3 s longer' },
  { name: 'prestop-1s', ...native, preStop: 1 },
  { name: 'prestop-10s-ordinary', ...ordinary, preStop: 10 },
  { name: 'gateway', ...gateway },
  { name: 'gateway-prestop-15s', ...gateway, preStop: 15 },
  { name: 'gateway-drain-15s', ...gateway, proxy: drain15s },
  { name: 'gateway-on-zero', ...gateway, proxy: onZero },
];

/** What a variant sets that is not the default. */
export function settingOf({ preStop, proxy }: Variant): string {
  const { terminationDrainDuration, proxyMetadata = {} } = proxy ?? {};
  const parts = [
    ...(preStop === undefined ? [] : [`\`preStop: sleep ${preStop} s\``]),
    ...(terminationDrainDuration === undefined ? [] : [`\`terminationDrainDuration: ${terminationDrainDuration}\``]),
    ...Object.entries(proxyMetadata).map(([name, value]) => `\`${name}=${value}\``),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}
