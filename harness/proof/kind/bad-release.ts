import { parseRatio } from '../../../src/config/ratio.ts';
import type { Release } from './hop.ts';
import { failingProxies } from './manifests.ts';

/** How a release misbehaves, as a scenario gives it. */
export interface Misbehaviour {
  errors?: string | number | undefined;
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

export function badRelease(
  { errors, errorsIn = ['istio-system'], image, crashes = false }: Misbehaviour,
  { version }: Release,
): BadRelease {
  return {
    settings: [
      ...(image === 'missing' ? [`values.global.proxy.image=docker.io/istio/no-such-image:${version}`] : []),
      // The agent of the proxy starts this instead of Envoy, and ends with it.
      ...(crashes ? ['meshConfig.defaultConfig.binaryPath=/bin/false'] : []),
    ],
    // An EnvoyFilter in istio-system is for every proxy.
    objects:
      errors === undefined ? [] : errorsIn.map((namespace) => failingProxies(version, parseRatio(errors), namespace)),
  };
}
