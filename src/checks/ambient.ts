import { isOfGatewayApi } from '../mesh/gateway-wave.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { Workload, World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const ZtunnelStays = defineFinding({
  code: 'ZTUNNEL_STAYS',
  severity: 'warns',
  title: 'ztunnel is there, and this upgrade does not touch it.',
  cause:
    'ztunnel is one DaemonSet for all revisions. It connects to one istiod, which the value `revision` of its chart names, and does not follow the tag. It works with an istiod of the same minor release or of the next one, so it is upgraded after the istiod (istio.io/latest/docs/ambient/upgrade/helm).',
  fix: 'After stage 7 and before stage 8, upgrade ztunnel by the tool that installed it, with the new revision as the value `revision`. Its restart breaks the connections of the node. Stage 8 waits while it is connected to the old istiod.',
  blames: 'person',
});

const NamespaceInAmbient = defineFinding({
  code: 'NAMESPACE_IN_AMBIENT',
  severity: 'notes',
  title: 'A namespace is in ambient mode, so its pods have no sidecar to upgrade.',
  cause:
    'It has the label istio.io/dataplane-mode=ambient: ztunnel carries its traffic. No wave restarts its workloads, and the gate does not see their traffic.',
  fix: 'Do nothing. Watch these namespaces yourself while ztunnel and their waypoints are upgraded.',
  blames: 'person',
});

const WaypointPresent = defineFinding({
  code: 'WAYPOINT_PRESENT',
  severity: 'warns',
  title: 'There are waypoints, whose traffic the gate does not judge.',
  cause:
    'istiod writes the Deployment of a waypoint as that of every Gateway API gateway: by the label istio.io/rev on the Gateway or its namespace, else by the tag "default". When the tag moves, those that follow it restart at once (istio/istio#59959).',
  fix: 'To upgrade a waypoint later, label its Gateway istio.io/rev=OLD before the upgrade, and remove this label yourself before stage 8.',
  blames: 'surroundings',
});

const finds = [ZtunnelStays, NamespaceInAmbient, WaypointPresent] as const;
type Found = FindingOf<typeof finds>;

export const ambient = defineCheck({ looksAt: ['workloads', 'namespaces'], finds, find: checkAmbient });

/** The parts of a mesh in ambient mode: no webhook injects them, and no wave restarts them. */
export function checkAmbient(
  { workloads, namespaces }: Pick<World, 'workloads' | 'namespaces'>,
  { from, to }: Pick<Plan, 'from' | 'to'>,
): readonly Found[] {
  const ztunnels = workloads.filter(isZtunnel);
  const waypoints = workloads.filter(isWaypoint);
  const modes = [...namespaces.values()].filter(({ labels }) => labels['istio.io/dataplane-mode'] === 'ambient');
  return [
    ...(ztunnels.length === 0
      ? []
      : [
          ZtunnelStays.of(
            `ztunnel keeps its release and its istiod: no stage upgrades it, and stage 8 waits while it is connected to ${from}.`,
            ztunnels.map(({ id }) => id),
            `After stage 7 and before stage 8: upgrade ztunnel by the tool that installed it, with the value revision=${to}.`,
          ),
        ]),
    ...(modes.length === 0
      ? []
      : [
          NamespaceInAmbient.of(
            `${modes.length === 1 ? '1 namespace is' : `${modes.length} namespaces are`} in ambient mode: no wave restarts the workloads there, and the gate does not see their traffic.`,
            modes.map(({ name }) => `namespace ${name}`),
          ),
        ]),
    ...(waypoints.length === 0
      ? []
      : [
          WaypointPresent.of(
            `${waypoints.length === 1 ? '1 waypoint follows' : `${waypoints.length} waypoints follow`} the label istio.io/rev of the Gateway or its namespace, or else the tag "default"; the gate does not judge ${waypoints.length === 1 ? 'its' : 'their'} traffic.`,
            waypoints.map(({ id }) => id),
          ),
        ]),
  ];
}

/** By the labels of Istio's chart. */
const isZtunnel = ({ kind, template }: Workload): boolean =>
  kind === 'DaemonSet' && template.labels['app'] === 'ztunnel';

/** By the label that istiod gives the pods of every Gateway API gateway. */
const isWaypoint = (workload: Workload): boolean =>
  isOfGatewayApi(workload) &&
  /-waypoint$/.test(workload.template.labels['gateway.networking.k8s.io/gateway-class-name'] ?? '');
