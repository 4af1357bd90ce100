import { selectionOf } from '../mesh/injection.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const NamespaceWithBothLabels = defineFinding({
  code: 'NAMESPACE_WITH_BOTH_LABELS',
  severity: 'blocks',
  title: 'A namespace has both istio-injection and istio.io/rev.',
  cause:
    'Istio ignores istio.io/rev in a namespace that also has istio-injection: with istio-injection=enabled it follows the tag "default" whatever istio.io/rev says, with any other value no webhook injects its pods.',
  fix: 'Remove the label that is wrong; to follow istio.io/rev: kubectl label namespace NAME istio-injection-',
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

const DoubleInjection = defineFinding({
  code: 'DOUBLE_INJECTION',
  severity: 'blocks',
  title: 'More than one injection webhook selects the same pods.',
  cause: 'Two revisions or tags select the same labels. The order of the webhooks then decides which proxy a pod gets.',
  fix: 'Remove all but one of them; istioctl does not see this conflict.',
  // Decides as it did when any failure led back; whose failure it is, evidence will have to tell.
  blames: 'release',
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
  const both = [...namespaces.values()].filter(
    ({ labels }) => labels['istio-injection'] !== undefined && labels['istio.io/rev'] !== undefined,
  );
  const findings: Found[] = [];
  if (both.length > 0)
    findings.push(
      NamespaceWithBothLabels.of(
        'A namespace has both istio-injection and istio.io/rev; the second is ignored.',
        both.map(({ name }) => name),
      ),
    );
  const planned = new Set(plan.waves.flatMap((wave) => wave.namespaces));
  const gateways = new Set(plan.gateways.map((name) => name.slice(0, name.indexOf('/'))));
  const left = new Set(
    workloads
      .filter(
        ({ follows, namespace }) => follows?.tag === plan.tag && !planned.has(namespace) && !gateways.has(namespace),
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
  return [...findings, ...checkDoubleInjection(namespaces, webhooks, workloads)];
}

/** istioctl sees only conflicts of the target's own webhooks; a copy that is labelled otherwise goes unnoticed. */
export function checkDoubleInjection(
  namespaces: World['namespaces'],
  webhooks: World['webhooks'],
  workloads: World['workloads'],
): readonly Found[] {
  const classes = new Map<string, { namespace: string; configurations: readonly string[] }>();
  for (const { name, labels } of namespaces.values()) {
    const selection = selectionOf(webhooks, labels, {});
    if (selection !== undefined && selection.configurations.length > 1)
      classes.set(selection.configurations.join('+'), { namespace: name, configurations: selection.configurations });
  }
  for (const { follows, id } of workloads)
    if (follows !== undefined && follows.configurations.length > 1)
      classes.set(follows.configurations.join('+'), { namespace: id, configurations: follows.configurations });
  return [...classes.values()].map(({ namespace, configurations }) =>
    DoubleInjection.of(
      `Pods of ${namespace} are selected by ${configurations.length} injection webhooks: ${configurations.join(', ')}.`,
      configurations,
    ),
  );
}
