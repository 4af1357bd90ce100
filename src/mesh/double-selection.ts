import { defineFinding, type Problem } from '../model/finding.ts';
import { describeOwner } from '../model/owner.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { belongsTo } from './belongs-to.ts';
import { selectionOf } from './injection.ts';

export const DoubleInjection = defineFinding({
  code: 'DOUBLE_INJECTION',
  severity: 'blocks',
  title: 'More than one injection webhook selects the same pods.',
  cause:
    'Two revisions or tags select the same labels. The order of the webhooks then decides which proxy a pod gets. During an upgrade it is most often the injector of an istiod without a revision: `istioctl tag set` deactivates it, and a forced apply by its owner activates it again.',
  fix: 'Remove all but one of them; istioctl does not see this conflict.',
  blames: 'surroundings',
});

/** istioctl sees only conflicts of the target's own webhooks; a copy that is labelled otherwise goes unnoticed. */
export function doubleSelections(
  namespaces: World['namespaces'],
  webhooks: World['webhooks'],
  workloads: World['workloads'],
): readonly Problem<'DOUBLE_INJECTION'>[] {
  const classes = new Map<string, { of: string; configurations: readonly string[] }>();
  for (const { name, labels } of namespaces.values()) {
    const selection = selectionOf(webhooks, labels, {});
    if (selection !== undefined && selection.configurations.length > 1)
      classes.set(selection.configurations.join('+'), { of: name, configurations: selection.configurations });
  }
  for (const { follows, id } of workloads)
    if (follows !== undefined && follows.configurations.length > 1)
      classes.set(follows.configurations.join('+'), { of: id, configurations: follows.configurations });
  return [...classes.values()].map(({ of, configurations }) =>
    DoubleInjection.of(describe(of, configurations), configurations),
  );
}

/** For the stages after the move of the tag: it is right, and pods that are created now get the proxy of another webhook all the same. */
export function selectedTwice(
  { workloads, controlPlanes }: Pick<World, 'workloads' | 'controlPlanes'>,
  plan: Plan,
): readonly Problem<'DOUBLE_INJECTION'>[] {
  const { waves, gateways, tag, to } = plan;
  const planned = new Set(waves.flatMap((wave) => wave.namespaces));
  const ours = workloads.filter(
    (workload) =>
      belongsTo(workload, plan) &&
      (workload.follows?.configurations.length ?? 0) > 1 &&
      (planned.has(workload.namespace) || gateways.includes(`${workload.namespace}/${workload.name}`)),
  );
  const classes = new Map(ours.map(({ id, follows }) => [follows?.configurations.join('+') ?? '', { id, follows }]));
  return [...classes.values()].map(({ id, follows }) => {
    const configurations = follows?.configurations ?? [];
    const owners = [...controlPlanes.values()].flatMap(({ injector, injectorOwner }) =>
      injector !== undefined && injectorOwner !== undefined && configurations.includes(injector.name)
        ? [`${injector.name} belongs to ${describeOwner(injectorOwner)}`]
        : [],
    );
    return DoubleInjection.of(
      [describe(id, configurations), ...owners.map((owner) => `${owner}.`)].join(' '),
      configurations,
      `Keep the owner of the other webhook from activating it again, deactivate it (istioctl tag set ${tag} --revision ${to} --overwrite), then run again.`,
    );
  });
}

const describe = (what: string, configurations: readonly string[]): string =>
  `Pods of ${what} are selected by ${configurations.length} injection webhooks: ${configurations.join(', ')}.`;
