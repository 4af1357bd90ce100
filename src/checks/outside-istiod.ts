import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const IstiodOutside = defineFinding({
  code: 'ISTIOD_OUTSIDE',
  severity: 'blocks',
  title: 'The istiod that the tag points to does not run in this cluster.',
  cause:
    'The cluster is a remote one: its injector calls an istiod elsewhere (profile remote, an external control plane). The release of that istiod is decided where it runs, and this tool can neither install a new one beside it nor remove it.',
  fix: 'Upgrade the control plane in the cluster where it runs. Then install the objects of the new revision here, move the tag, and restart the workloads (istio.io/latest/docs/setup/install/multicluster, external-controlplane).',
  blames: 'person',
});

const finds = [IstiodOutside] as const;

export const outsideIstiod = defineCheck({ looksAt: ['controlPlanes', 'marks'], finds, find: checkOutsideIstiod });

/** An injector without the Deployment of an istiod. While the old one is removed, its parts go one after the other. */
export function checkOutsideIstiod(
  { controlPlanes, marks }: Pick<World, 'controlPlanes' | 'marks'>,
  { from }: Pick<Plan, 'from'>,
): readonly FindingOf<typeof finds>[] {
  const old = controlPlanes.get(from);
  if (old === undefined || old.deployment !== undefined || old.injector === undefined) return [];
  if (marks.removalBegan !== undefined) return [];
  return [
    IstiodOutside.of(`The injector ${old.injector.name} is here, and no istiod ${from} runs in this cluster.`, [
      old.injector.name,
    ]),
  ];
}
