import { belongsTo } from '../mesh/belongs-to.ts';
import { pointsTo } from '../mesh/tag-strays.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { Workload, World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const RivalRestarter = defineFinding({
  code: 'RIVAL_RESTARTER',
  severity: 'blocks',
  title: 'A controller in the cluster restarts workloads whose proxy is not the newest by itself.',
  cause:
    'It watches the tag or the release of the proxies. When the tag moves, it restarts all workloads that follow it, in no wave and without a gate: a bad release would be everywhere before the canary is judged, and a rollback would be done twice. Once the tag has moved, this only warns.',
  fix: 'Scale its Deployment to zero until the upgrade is complete or rolled back.',
  blames: 'surroundings',
});

const RestartedByRival = defineFinding({
  code: 'RESTARTED_BY_RIVAL',
  severity: 'notes',
  title: 'Workloads of the mesh were restarted by a controller that is not found in this cluster.',
  cause:
    'Their pod templates have the annotation of a controller that restarts workloads with old proxies. It was removed or scaled to zero, or runs elsewhere.',
  fix: 'Make sure that it does not run during the upgrade.',
  blames: 'surroundings',
});

/** Controllers that restart workloads for their proxies, with what they leave on objects. */
const rivals: readonly {
  name: string;
  /** Of the pod template of its Deployment, as its chart or its manifests write it. */
  label: readonly [key: string, value: string];
  /** The end of the annotation by which it restarts. */
  annotation: string;
}[] = [
  // https://github.com/istio-ecosystem/fortsa: helm/src/chart and internal/constants
  { name: 'Fortsa', label: ['app.kubernetes.io/name', 'fortsa'], annotation: 'fortsa.scaffidi.net/restartedAt' },
  // https://github.com/kyma-project/istio: config/manager and pkg/lib/annotations
  {
    name: "Kyma's Istio module",
    label: ['app.kubernetes.io/component', 'istio-operator.kyma-project.io'],
    annotation: 'istio-operator.kyma-project.io/restartedAt',
  },
];

const finds = [RivalRestarter, RestartedByRival] as const;
type Found = FindingOf<typeof finds>;

export const rivalRestarters = defineCheck({ looksAt: ['workloads', 'tags'], finds, find: checkRivals });

/** Controllers that would restart the mesh beside this tool, by name. */
export function checkRivals({ workloads, tags }: Pick<World, 'workloads' | 'tags'>, plan: Plan): readonly Found[] {
  return rivals.flatMap(({ name, label: [key, value], annotation }): readonly Found[] => {
    const running = workloads.filter(({ template, rollout }) => template.labels[key] === value && rollout.desired > 0);
    if (running.length > 0)
      return [
        RivalRestarter.as(
          pointsTo(tags, plan.tag, plan.to) ? 'warns' : 'blocks',
          `${name} runs in this cluster and restarts workloads when the tag moves.`,
          running.map(({ id }) => id),
          `Scale it to zero until the upgrade is over: ${running.map(scaleDown).join('; ')}`,
        ),
      ];
    const restarted = workloads.filter(
      (workload) =>
        belongsTo(workload, plan) &&
        Object.keys(workload.template.annotations).some((each) => each.endsWith(annotation)),
    );
    if (restarted.length === 0) return [];
    return [
      RestartedByRival.of(
        `${name} has restarted ${restarted.length === 1 ? 'a workload' : `${restarted.length} workloads`} of the mesh, and is not found running in this cluster.`,
        restarted.map(({ id }) => id),
      ),
    ];
  });
}

const scaleDown = ({ kind, namespace, name }: Workload): string =>
  `kubectl -n ${namespace} scale ${kind.toLowerCase()}/${name} --replicas=0`;
