import { type Finding, note, problem, warning } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { isOlder, kubernetesMinor, kubernetesRange, minorsAhead } from '../model/releases.ts';
import type { World } from '../model/world.ts';

/** The jump itself: never down, never onto itself, at most two minors, on a Kubernetes that the target knows. */
export function checkVersions({ identity }: Pick<World, 'identity'>, { from, to, versions }: Plan): readonly Finding[] {
  // Without the tag there is no revision to leave; its own check says so.
  if (from === '') return [];
  if (from === to)
    return [
      problem(
        'SAME_REVISION',
        `The tag already names ${to}, which is also the target.`,
        'Give the version that you want to go to as target.version.',
      ),
    ];
  const ahead = minorsAhead(versions.from, versions.to);
  if (ahead === undefined)
    return [
      problem(
        'VERSION_UNKNOWN',
        `Cannot tell the distance from ${versions.from || 'an unknown version'} to ${versions.to}.`,
        'istiod runs an image whose tag is no version. Upgrade to a released image first.',
      ),
    ];
  if (isOlder(versions.to, versions.from))
    return [
      problem(
        'DOWNGRADE',
        `${versions.to} is older than ${versions.from}, which runs now.`,
        'To take an upgrade back use `rollback`. The data plane must never be ahead of its control plane.',
      ),
    ];
  if (ahead > 2)
    return [
      problem(
        'SKEW_TOO_WIDE',
        `${versions.from} to ${versions.to} is ${ahead} minors; a revision upgrade may jump two.`,
        `Go to a release at most two minors after ${versions.from} first (istio/istio#49764).`,
      ),
    ];
  return checkKubernetes(identity.kubernetesVersion, versions.to);
}

function checkKubernetes(kubernetes: string, target: string): readonly Finding[] {
  const range = kubernetesRange(target);
  const minor = kubernetesMinor(kubernetes);
  if (range === undefined || minor === undefined)
    return [
      note(
        'KUBERNETES_UNCHECKED',
        `We do not know which Kubernetes Istio ${target} supports.`,
        'Look it up on istio.io before you go on.',
      ),
    ];
  if (minor < range[0])
    return [
      problem(
        'KUBERNETES_TOO_OLD',
        `Istio ${target} needs Kubernetes 1.${range[0]} or newer; this is ${kubernetes}.`,
        'Upgrade Kubernetes first.',
      ),
    ];
  if (minor > range[1])
    return [
      warning(
        'KUBERNETES_UNTESTED',
        `Istio ${target} was tested up to Kubernetes 1.${range[1]}; this is ${kubernetes}.`,
        'Rehearse this pair before production.',
      ),
    ];
  return [];
}
