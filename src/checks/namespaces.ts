import { selectionOf } from '../mesh/injection.ts';
import { type Finding, problem, warning } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';

/** Labels that contradict each other, pods that two webhooks would inject, and namespaces of the tag that no wave names. */
export function checkNamespaces(
  { namespaces, webhooks, workloads }: Pick<World, 'namespaces' | 'webhooks' | 'workloads'>,
  plan: Plan,
): readonly Finding[] {
  const both = [...namespaces.values()].filter(
    ({ labels }) => labels['istio-injection'] !== undefined && labels['istio.io/rev'] !== undefined,
  );
  const findings: Finding[] = [];
  if (both.length > 0)
    findings.push(
      problem(
        'NAMESPACE_WITH_BOTH_LABELS',
        'A namespace has both istio-injection and istio.io/rev; the second is ignored.',
        'Remove one: kubectl label namespace NAME istio-injection-',
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
      warning(
        'NAMESPACE_IN_NO_WAVE',
        `Namespaces follow tag "${plan.tag}" and are in no wave; their pods keep the old proxy until they restart for another reason, and stage 8 waits for them.`,
        'Add them to a wave, or let the last wave be "*".',
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
): readonly Finding[] {
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
    problem(
      'DOUBLE_INJECTION',
      `Pods of ${namespace} are selected by ${configurations.length} injection webhooks: ${configurations.join(', ')}.`,
      'Remove all but one of them; istioctl does not see this conflict.',
      configurations,
    ),
  );
}
