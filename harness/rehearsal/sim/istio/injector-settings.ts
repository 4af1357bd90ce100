import { parse } from 'yaml';
import type { LabelSelector } from '../../../../src/model/kubernetes-object.ts';
import { ConfigMaps } from '../../../../src/ports/kinds.ts';
import type { ConfigMap } from '../../../../src/ports/objects.ts';
import type { Store } from '../api-server/store.ts';
import { IstioNamespace, injectorName } from './names.ts';

/** What the ConfigMap of an injector says, as far as it is simulated. */
export interface InjectorSettings {
  /** Pods that it leaves alone unless their labels or annotations ask for a sidecar. */
  neverInject: readonly LabelSelector[];
  cni: boolean;
  /** What the sidecar requests. */
  requests: Readonly<Record<string, string>>;
}

/** istiod watches the ConfigMap: what it says counts for the next pod. */
export function injectorSettings(store: Store, revision: string): InjectorSettings {
  const { config = '', values = '{}' } =
    store.get<ConfigMap>(ConfigMaps, injectorName(revision), IstioNamespace)?.data ?? {};
  return settingsIn(config, values);
}

export function settingsIn(config: string, values: string): InjectorSettings {
  const { neverInjectSelector } = (parse(config) ?? {}) as { neverInjectSelector?: LabelSelector[] };
  const { pilot, global: common } = JSON.parse(values) as {
    pilot?: { cni?: { enabled?: boolean } };
    global?: { proxy?: { resources?: { requests?: Record<string, string> } } };
  };
  return {
    neverInject: neverInjectSelector ?? [],
    cni: pilot?.cni?.enabled === true,
    requests: { cpu: '100m', memory: '128Mi', ...common?.proxy?.resources?.requests },
  };
}
