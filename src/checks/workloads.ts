import { type Finding, note, problem, warning } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { exceptionsOf } from '../rollout/next-restarts.ts';
import { definitionOf } from '../workloads/workloads.ts';

/** What a restart cannot move, and what moves by itself when the tag does. */
export function checkWorkloads(
  { workloads, loosePods }: Pick<World, 'workloads' | 'loosePods'>,
  plan: Plan,
): readonly Finding[] {
  const governed = workloads.filter(({ follows }) => follows?.tag === plan.tag);
  const findings: Finding[] = [...checkGateways(workloads, plan)];
  const exceptions = exceptionsOf(governed, { ...plan, waivers: [] });
  if (exceptions.length > 0)
    findings.push(
      warning(
        'WORKLOAD_WILL_NOT_MOVE',
        'A restart does not replace the pods of some workloads; they keep the old proxy and hold up stage 8.',
        'Resume the rollout, or replace their pods yourself before stage 8.',
        exceptions,
      ),
    );
  const loose = loosePods.filter(({ revision }) => revision === plan.from);
  if (loose.length > 0)
    findings.push(
      warning(
        'POD_WITHOUT_WORKLOAD',
        'Some mesh pods belong to nothing that we can restart; they hold up stage 8.',
        'Let them end, or replace them yourself before stage 8.',
        loose.map(({ namespace, name, reason }) => `${namespace}/${name}: ${reason}`),
      ),
    );
  const down = governed.filter(
    ({ id, down: why }) => why !== undefined && !plan.waivers.some(({ workload }) => workload === id),
  );
  if (down.length > 0)
    findings.push(
      note(
        'WORKLOAD_GOES_DOWN',
        'Some workloads have no pod for a moment while they restart: their strategy asks for it.',
        'Nothing, if their callers can wait. Else scale them up first, or waive them and restart them yourself.',
        down.map(({ id, down: why }) => `${id}: ${why}`),
      ),
    );
  const pinned = governed.filter(({ pinnedImage }) => pinnedImage !== undefined);
  if (pinned.length > 0)
    findings.push(
      note(
        'PROXY_IMAGE_PINNED',
        'Some workloads pin the image of their proxy (sidecar.istio.io/proxyImage): they talk to the new istiod with the old proxy.',
        'Remove the annotation when you are ready.',
        pinned.map(({ id }) => id),
      ),
    );
  return findings;
}

function checkGateways(workloads: World['workloads'], plan: Plan): readonly Finding[] {
  const findings: Finding[] = [];
  const byName = new Map(workloads.map((workload) => [`${workload.namespace}/${workload.name}`, workload]));
  const absent = plan.gateways.filter((name) => !byName.has(name));
  if (absent.length > 0)
    findings.push(
      problem(
        'GATEWAY_UNKNOWN',
        'The config names gateways that do not exist.',
        'Write them as namespace/name of the Deployment.',
        absent,
      ),
    );
  const fixed = workloads.filter(
    ({ template, hasFixedProxy, pods }) =>
      hasFixedProxy && template.labels['gateway.networking.k8s.io/gateway-name'] === undefined && pods.has(plan.from),
  );
  if (fixed.length > 0)
    findings.push(
      problem(
        'GATEWAY_NOT_INJECTED',
        'Gateways installed by istioctl have their image written into the template; a restart does not upgrade them, and uninstalling the old revision would delete them.',
        'Replace them by injected gateways (image: auto) first: istio.io/latest/docs/setup/additional-setup/gateway',
        fixed.map(({ id }) => id),
      ),
    );
  const automatic = workloads.filter(
    ({ template, pods }) =>
      template.labels['gateway.networking.k8s.io/gateway-name'] !== undefined && pods.has(plan.from),
  );
  if (automatic.length > 0 && plan.tag === 'default')
    findings.push(
      warning(
        'GATEWAY_FOLLOWS_TAG',
        'Gateway API gateways without istio.io/rev are rolled by the new istiod at the moment the tag moves, all at once (istio/istio#59959).',
        'Label the Gateway istio.io/rev=OLD to hold it back, and release it yourself.',
        automatic.map(({ id }) => id),
      ),
    );
  const single = plan.gateways
    .flatMap((name) => byName.get(name) ?? [])
    .filter(({ kind, rollout }) => definitionOf(kind).hasReplicas && rollout.desired < 2);
  if (single.length > 0)
    findings.push(
      warning(
        'GATEWAY_WITH_ONE_REPLICA',
        'A gateway with fewer than two replicas has no other pod to take its connections while it restarts.',
        'Scale it to two or more before stage 4.',
        single.map(({ id }) => id),
      ),
    );
  return findings;
}
