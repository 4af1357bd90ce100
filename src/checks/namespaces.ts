import { belongsTo } from '../mesh/belongs-to.ts';
import { DoubleInjection, doubleSelections } from '../mesh/double-selection.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { NamespaceState, World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const NamespaceWithBothLabels = defineFinding({
  code: 'NAMESPACE_WITH_BOTH_LABELS',
  severity: 'blocks',
  title: 'A namespace has both istio-injection and istio.io/rev, and they contradict each other about this upgrade.',
  cause:
    'Istio ignores istio.io/rev in a namespace that also has istio-injection: with istio-injection=enabled it follows the tag "default" whatever istio.io/rev says, with any other value no webhook injects its pods. Only istio-injection=disabled leaves no doubt: the namespace is out of the mesh (istio/istio.io#14597).',
  fix: 'Remove the label that is wrong. To follow istio.io/rev: kubectl label namespace NAME istio-injection-',
  blames: 'person',
});

const NamespaceInNoWave = defineFinding({
  code: 'NAMESPACE_IN_NO_WAVE',
  severity: 'warns',
  title: 'A namespace follows the tag but is in no wave.',
  cause: 'No wave of the config names it or covers it by a pattern, so this upgrade does not restart its workloads.',
  fix: 'Add the namespace to a wave, or write namespaces: "*" in the last wave.',
  blames: 'person',
});

const finds = [NamespaceWithBothLabels, NamespaceInNoWave, DoubleInjection] as const;
type Found = FindingOf<typeof finds>;

export const namespaces = defineCheck({
  looksAt: ['namespaces', 'webhooks', 'workloads'],
  finds,
  find: checkNamespaces,
});

/** Labels that contradict each other, pods that two webhooks would inject, and namespaces of the tag that no wave names. */
export function checkNamespaces(
  { namespaces, webhooks, workloads }: Pick<World, 'namespaces' | 'webhooks' | 'workloads'>,
  plan: Plan,
): readonly Found[] {
  const both = [...namespaces.values()].filter((namespace) => contradicts(namespace, plan));
  const findings: Found[] = [];
  if (both.length > 0)
    findings.push(
      NamespaceWithBothLabels.of(
        `${both.length === 1 ? 'A namespace has' : `${both.length} namespaces have`} both istio-injection and istio.io/rev; the second is ignored.`,
        both.map(({ name, labels }) => `${name}: ${labelled(labels)}`),
      ),
    );
  const planned = new Set(plan.waves.flatMap((wave) => wave.namespaces));
  const gateways = new Set(plan.gateways.map((name) => name.slice(0, name.indexOf('/'))));
  const left = new Set(
    workloads
      .filter(
        (workload) =>
          belongsTo(workload, plan) && !planned.has(workload.namespace) && !gateways.has(workload.namespace),
      )
      .map(({ namespace }) => namespace),
  );
  if (left.size > 0)
    findings.push(
      NamespaceInNoWave.of(
        `Namespaces follow tag "${plan.tag}" and are in no wave; their pods keep the old proxy until they restart for another reason, and stage 8 waits for them.`,
        [...left],
      ),
    );
  return [...findings, ...doubleSelections(namespaces, webhooks, workloads)];
}

type Labels = Readonly<Record<string, string>>;

/** Whether the one label names the tag of the plan, and the other something else. */
function contradicts({ labels, terminating }: NamespaceState, { tag }: Plan): boolean {
  const { 'istio-injection': injection, 'istio.io/rev': revision } = labels;
  if (injection === undefined || injection === 'disabled' || revision === undefined || terminating) return false;
  return (injection === 'enabled' && tag === 'default') !== (revision === tag);
}

const labelled = (labels: Labels): string =>
  ['istio-injection', 'istio.io/rev'].map((key) => `${key}=${labels[key] ?? ''}`).join(', ');
