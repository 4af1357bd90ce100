import { isDeepStrictEqual } from 'node:util';
import type { Journal } from '../../../src/model/journal.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import { ConfigMaps, MutatingWebhooks, Namespaces, Services, ValidatingWebhooks } from '../../../src/ports/kinds.ts';
import type { ConfigMap, WorkloadObject } from '../../../src/ports/objects.ts';
import { tokenInTemplate } from '../../../src/workloads/template-restart.ts';
import type { Sim } from '../../rehearsal/sim/create-sim.ts';
import { controlPlanes, podsByNamespace, tagObjects, workloadKinds } from './mesh-facts.ts';

const name = 'istio-canary-upgrade-default';

function journalOf(sim: Sim): Journal | undefined {
  const text = sim.store.get<ConfigMap>(ConfigMaps, name, 'istio-system')?.data?.['journal'];
  return text === undefined ? undefined : (JSON.parse(text) as Journal);
}

/** Everything by which two ends of an upgrade could differ, without times and names that chance gives. */
export function endState(sim: Sim): EndState {
  const { state, marks } = journalOf(sim) ?? {};
  return {
    tag: tagObjects(sim),
    controlPlanes: controlPlanes(sim),
    webhooks: [MutatingWebhooks, ValidatingWebhooks].flatMap((kind) => sim.store.list(kind).map(nameOf)),
    services: sim.store.list(Services).map(nameOf),
    labels: sim.store.list(Namespaces).map(({ metadata }) => [metadata.name, metadata.labels]),
    pods: podsByNamespace(sim),
    tokens: tokensOf(sim),
    journal: state,
    verdicts: Object.entries(marks?.waves ?? {}).map(([wave, { verdict }]) => `${wave}: ${verdict?.verdict ?? 'none'}`),
  };
}

export interface EndState {
  tag: object;
  controlPlanes: readonly string[];
  webhooks: readonly string[];
  services: readonly string[];
  labels: readonly unknown[];
  pods: object;
  tokens: readonly string[];
  journal: string | undefined;
  verdicts: readonly string[];
}

/**
 * What differs from the end of an undisturbed run. An upgrade that was rolled back at another moment has restarted and
 * judged less or more. With `pardon: 'restarts'`, also one that completed: pods that chance or a hand replaced while the
 * tag named their revision need no restart, and a hand may wipe its mark.
 */
export function differencesBetween(
  wanted: EndState,
  is: EndState,
  end: 'completed' | 'rolled-back',
  { pardon }: { pardon?: 'restarts' } = {},
): string[] {
  const pardoned = new Set<string>([
    ...(end === 'rolled-back' ? ['tokens', 'verdicts'] : []),
    ...(pardon === 'restarts' ? ['tokens'] : []),
  ]);
  const found = new Map<string, unknown>(Object.entries(is));
  return Object.entries(wanted)
    .filter(([key, value]) => !pardoned.has(key) && !isDeepStrictEqual(value, found.get(key)))
    .map(([key, value]) => `${key} is ${JSON.stringify(found.get(key))}, undisturbed it is ${JSON.stringify(value)}`);
}

function tokensOf(sim: Sim): string[] {
  return Object.entries(workloadKinds).flatMap(([kind, resource]) =>
    sim.store
      .list<WorkloadObject>(resource)
      .filter(({ metadata }) => metadata.namespace !== 'istio-system')
      .map(({ metadata, spec }) => {
        const token = tokenInTemplate({ metadata, spec });
        return `${kind} ${metadata.namespace}/${metadata.name}: ${token?.replace(/^run\d+/, 'run') ?? 'not restarted'}`;
      }),
  );
}

const nameOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
