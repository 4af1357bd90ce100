import { belongsTo } from '../mesh/belongs-to.ts';
import { isGatewayOfTag, isOfGatewayApi } from '../mesh/gateway-wave.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { Workload, World } from '../model/world.ts';
import { exceptionsOf } from '../rollout/next-restarts.ts';
import { definitionOf } from '../workloads/workloads.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const WorkloadWillNotMove = defineFinding({
  code: 'WORKLOAD_WILL_NOT_MOVE',
  severity: 'warns',
  title: 'A restart does not replace the pods of a workload.',
  cause:
    'A Deployment is paused, or an Argo Rollout uses its template; a StatefulSet or DaemonSet has the update strategy OnDelete; a StatefulSet has a partition; or the spec of an Argo Rollout is invalid.',
  fix: 'Resume the Deployment or correct the strategy, or replace the pods yourself before stage 8.',
  blames: 'workload',
});

const PodWithoutWorkload = defineFinding({
  code: 'POD_WITHOUT_WORKLOAD',
  severity: 'warns',
  title: 'A mesh pod has no workload that this tool can restart.',
  cause:
    'It is a bare pod, or it belongs to a Job or to a controller other than a Deployment, StatefulSet, DaemonSet or Argo Rollout.',
  fix: 'Wait until it ends, or replace it yourself before stage 8.',
  blames: 'workload',
});

const WorkloadGoesDown = defineFinding({
  code: 'WORKLOAD_GOES_DOWN',
  severity: 'notes',
  title: 'A workload has no pod for a moment while it restarts.',
  cause:
    'Its strategy stops every old pod before a new one is ready: Recreate, a single replica without surge, or an Argo Rollout that may evict all of its pods at once.',
  fix: 'Do nothing if its callers can wait. Otherwise scale it up first, or waive it and restart it yourself.',
  blames: 'workload',
});

const ProxyImagePinned = defineFinding({
  code: 'PROXY_IMAGE_PINNED',
  severity: 'notes',
  title: 'A workload pins the image of its proxy.',
  cause: 'Its pod template has the annotation sidecar.istio.io/proxyImage, so a restart gives it the same proxy again.',
  fix: 'Remove the annotation, so that a restart gives the pod the new proxy.',
  blames: 'workload',
});

const GatewayUnknown = defineFinding({
  code: 'GATEWAY_UNKNOWN',
  severity: 'blocks',
  title: 'The config names a gateway that does not exist.',
  cause: 'The gateway was removed or renamed, or its name in `gateways` is misspelt.',
  fix: 'Correct the name in `gateways`: NAMESPACE/NAME of the Deployment.',
  blames: 'person',
});

const GatewayNotInjected = defineFinding({
  code: 'GATEWAY_NOT_INJECTED',
  severity: 'blocks',
  title: 'The template of a gateway contains its proxy image, so a restart does not upgrade it.',
  cause: '`istioctl install` created it as a gateway component. The removal of the old revision would delete it.',
  fix: 'Replace it by an injected gateway (image: auto) first: istio.io/latest/docs/setup/additional-setup/gateway',
  blames: 'person',
});

const GatewayNotOfTag = defineFinding({
  code: 'GATEWAY_NOT_OF_TAG',
  severity: 'blocks',
  title: 'The config names a gateway that does not follow the tag.',
  cause:
    'Its pod template names a revision or another tag by the label istio.io/rev (gateway chart: the value `revision`), so a restart after the move of the tag gives it the same proxy again.',
  fix: 'Set its label istio.io/rev to the tag, or take it out of `gateways`.',
  blames: 'person',
});

const SidecarInTemplate = defineFinding({
  code: 'SIDECAR_IN_TEMPLATE',
  severity: 'warns',
  title: 'The pod template of a workload contains the sidecar, so a restart does not upgrade it.',
  cause: '`istioctl kube-inject` wrote the sidecar of the old revision into the template; no webhook injects its pods.',
  fix: 'Inject it again by kube-inject of the new revision before stage 8, or let the webhook inject it.',
  blames: 'workload',
});

const GatewayFollowsTag = defineFinding({
  code: 'GATEWAY_FOLLOWS_TAG',
  severity: 'warns',
  title: 'The new istiod restarts Gateway API gateways at the moment when the tag moves.',
  cause:
    'The istiod that the tag "default" points to owns the Deployment of each Gateway without the label istio.io/rev. When the tag moves, the new istiod writes its proxy image into these Deployments at once (istio/istio#59959).',
  fix: 'To upgrade a Gateway later, label it istio.io/rev=OLD before the upgrade, and remove this label yourself before stage 8.',
  blames: 'surroundings',
});

const GatewayWithOneReplica = defineFinding({
  code: 'GATEWAY_WITH_ONE_REPLICA',
  severity: 'warns',
  title: 'A gateway has fewer than two replicas.',
  cause: 'While its only pod is replaced, no other pod takes its connections.',
  fix: 'Scale it to two or more before stage 4.',
  blames: 'workload',
});

const finds = [
  WorkloadWillNotMove,
  PodWithoutWorkload,
  WorkloadGoesDown,
  ProxyImagePinned,
  GatewayUnknown,
  GatewayNotInjected,
  GatewayNotOfTag,
  SidecarInTemplate,
  GatewayFollowsTag,
  GatewayWithOneReplica,
] as const;
type Found = FindingOf<typeof finds>;

export const workloads = defineCheck({ looksAt: ['workloads', 'loosePods'], finds, find: checkWorkloads });

/** What a restart cannot move, and what moves by itself when the tag does. */
export function checkWorkloads(
  { workloads, loosePods }: Pick<World, 'workloads' | 'loosePods'>,
  plan: Plan,
): readonly Found[] {
  const governed = workloads.filter((workload) => belongsTo(workload, plan));
  const findings: Found[] = [...checkGateways(workloads, plan)];
  const injectedByHand = workloads.filter((workload) => hasSidecarInTemplate(workload) && workload.pods.has(plan.from));
  if (injectedByHand.length > 0)
    findings.push(
      SidecarInTemplate.of(
        `The pod templates of some workloads contain the sidecar of ${plan.from}. No restart upgrades them; stage 8 waits until their pods are gone.`,
        injectedByHand.map(({ id }) => id),
      ),
    );
  const exceptions = exceptionsOf(governed, { ...plan, waivers: [] });
  if (exceptions.length > 0)
    findings.push(
      WorkloadWillNotMove.of(
        'A restart does not replace the pods of some workloads. They keep the old proxy, and stage 8 waits for them.',
        exceptions,
      ),
    );
  const loose = loosePods.filter(({ revision }) => revision === plan.from);
  if (loose.length > 0)
    findings.push(
      PodWithoutWorkload.of(
        'Some mesh pods have no workload that this tool can restart; stage 8 waits until they are gone.',
        loose.map(({ namespace, name, reason }) => `${namespace}/${name}: ${reason}`),
      ),
    );
  const down = governed.filter(
    ({ id, down: why }) => why !== undefined && !plan.waivers.some(({ workload }) => workload === id),
  );
  if (down.length > 0)
    findings.push(
      WorkloadGoesDown.of(
        'Some workloads have no pod for a moment while they restart, because of their strategy.',
        down.map(({ id, down: why }) => `${id}: ${why}`),
      ),
    );
  const pinned = governed.filter(({ pinnedImage }) => pinnedImage !== undefined);
  if (pinned.length > 0)
    findings.push(
      ProxyImagePinned.of(
        'Some workloads pin the image of their proxy (sidecar.istio.io/proxyImage): after the restart they run the old proxy with the new istiod.',
        pinned.map(({ id }) => id),
      ),
    );
  return findings;
}

/** Only an injector writes this annotation: a gateway that istioctl installed has the image of its proxy, and not the annotation. */
const hasSidecarInTemplate = ({ template, hasFixedProxy }: Workload): boolean =>
  hasFixedProxy && template.annotations['sidecar.istio.io/status'] !== undefined;

function checkGateways(workloads: World['workloads'], plan: Plan): readonly Found[] {
  const findings: Found[] = [];
  const byName = new Map(workloads.map((workload) => [`${workload.namespace}/${workload.name}`, workload]));
  const absent = plan.gateways.filter((name) => !byName.has(name));
  if (absent.length > 0) findings.push(GatewayUnknown.of('The config names gateways that do not exist.', absent));
  const pinned = plan.gateways.filter((name) => {
    const gateway = byName.get(name);
    return gateway?.isGateway === true && !belongsTo(gateway, plan);
  });
  if (pinned.length > 0)
    findings.push(GatewayNotOfTag.of(`The config names gateways that do not follow tag "${plan.tag}".`, pinned));
  const fixed = workloads.filter(
    (workload) =>
      workload.hasFixedProxy &&
      !isOfGatewayApi(workload) &&
      !hasSidecarInTemplate(workload) &&
      workload.pods.has(plan.from),
  );
  if (fixed.length > 0)
    findings.push(
      GatewayNotInjected.of(
        'The templates of gateways that istioctl installed contain the proxy image. A restart does not upgrade them, and the removal of the old revision would delete them.',
        fixed.map(({ id }) => id),
      ),
    );
  const automatic = workloads.filter((workload) => isGatewayOfTag(workload, plan) && workload.pods.has(plan.from));
  if (automatic.length > 0)
    findings.push(
      GatewayFollowsTag.of(
        'The new istiod restarts all Gateway API gateways without istio.io/rev at the moment when the tag moves (istio/istio#59959).',
        automatic.map(({ id }) => id),
      ),
    );
  const single = plan.gateways
    .flatMap((name) => byName.get(name) ?? [])
    .filter(({ kind, rollout }) => definitionOf(kind).hasReplicas && rollout.desired < 2);
  if (single.length > 0)
    findings.push(
      GatewayWithOneReplica.of(
        'A gateway with fewer than two replicas has no other pod to take its connections while it restarts.',
        single.map(({ id }) => id),
      ),
    );
  return findings;
}
