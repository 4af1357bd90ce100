import { defineFinding, type Finding, problemOf } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { UpgradeError } from '../model/upgrade-error.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { MeshTool } from '../ports/mesh-tool.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { inspectMetrics } from './inspect-metrics.ts';
import { inspectRoom } from './inspect-room.ts';
import { describeRight, isReader, RbacMissing, rightsFor, type Scope } from './rights.ts';

export const RightsUnknown = defineFinding({
  code: 'RIGHTS_UNKNOWN',
  severity: 'notes',
  title: 'The user of this check may only read, so the rights of the upgrade are unknown.',
  cause:
    'The check runs with a read-only role, as a pull request should. Only the user that upgrades can ask for its own rights.',
  fix: 'Nothing, if the upgrade runs with the roles of deploy/rbac.yaml.',
  blames: 'person',
});

export const IstioctlWrongRelease = defineFinding({
  code: 'ISTIOCTL_WRONG_RELEASE',
  severity: 'blocks',
  title: 'istioctl is not of the target release.',
  cause:
    'The binary found on the PATH, or at target.istioctl, has another version. Another release moves only a part of a tag.',
  fix: 'Give the path of istioctl of the target release as target.istioctl.',
  blames: 'person',
  rulesOutIstioctl: true,
});

/** The looks of stage 1 that lie outside the mesh: rights, the binary, whether the gate can see, and room on the nodes. */
export async function inspect(
  ports: { cluster: Cluster; meshTool: MeshTool; metrics: Metrics },
  plan: Plan,
  { scope, started }: { scope: Scope; started: boolean },
): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    inspectRights(ports.cluster, plan, scope),
    asFindings(() => inspectRelease(ports.meshTool, plan)),
    asFindings(() => inspectMetrics(ports.metrics, plan, { started, now: ports.cluster.now() })),
    inspectRoom(ports.cluster, plan),
  ]);
  return findings.flat();
}

async function inspectRights(cluster: Cluster, { istioNamespace }: Plan, scope: Scope): Promise<readonly Finding[]> {
  // Who may do everything, as `kubectl auth can-i '*' '*'` asks it, is asked once and not a hundred times.
  const [isAdmin] = await cluster.may([{ verb: '*', group: '*', resource: '*' }]);
  if (isAdmin === true) return [];
  const rights = rightsFor(scope, istioNamespace);
  const allowed = await cluster.may(rights);
  const denied = rights.filter((_, index) => allowed[index] !== true).map(describeRight);
  if (denied.length === 0) return [];
  const granted = rights.filter((_, index) => allowed[index] === true);
  if (scope === 'check' && isReader(granted, istioNamespace))
    return [
      RightsUnknown.of(
        'This user may only look; whether the one that upgrades has the rights for it, only that one can tell.',
      ),
    ];
  return [problemOf(RbacMissing.of(denied, 3), denied)];
}

/** Both directions need the newer release's binary; another one moves only part of a tag. */
async function inspectRelease(meshTool: MeshTool, { versions }: Plan): Promise<readonly Finding[]> {
  const version = await meshTool.version();
  if (version === versions.to) return [];
  return [
    IstioctlWrongRelease.of(
      `istioctl is ${version}; the target is ${versions.to}.`,
      [version],
      `Give the path of istioctl ${versions.to} as target.istioctl.`,
    ),
  ];
}

/** A failure with a catalogue entry is a finding like the others, so that one look tells everything that is wrong. */
async function asFindings(look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (failure) {
    if (failure instanceof UpgradeError) return [problemOf(failure)];
    throw failure;
  }
}
