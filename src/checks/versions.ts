import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { isOlder, kubernetesMinor, kubernetesRange, minorsAhead } from '../model/releases.ts';
import type { World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const SameRevision = defineFinding({
  code: 'SAME_REVISION',
  severity: 'blocks',
  title: 'The tag already points to the target revision.',
  cause: 'The upgrade was made before, or target.version is the version that runs now.',
  fix: 'Give the version that you want to go to as target.version.',
  blames: 'person',
});

const VersionUnknown = defineFinding({
  code: 'VERSION_UNKNOWN',
  severity: 'blocks',
  title: 'The distance between the two versions is unknown.',
  cause:
    'The image of the istiod that runs has a tag that is not a version, for example `latest` or a digest of your own build.',
  fix: 'Upgrade istiod to an image whose tag is a released version first.',
  blames: 'person',
});

const Downgrade = defineFinding({
  code: 'DOWNGRADE',
  severity: 'blocks',
  title: 'The target is older than the version that runs.',
  cause: 'target.version in the config is below the version of the revision that the tag points to.',
  fix: 'To undo an upgrade, use `rollback`. The data plane must never be newer than its control plane.',
  blames: 'person',
});

const SkewTooWide = defineFinding({
  code: 'SKEW_TOO_WIDE',
  severity: 'blocks',
  title: 'The target is more than two minor versions ahead.',
  cause:
    'Istio supports a revision upgrade over at most two minor versions; proxies further apart are not tested with the new istiod (istio/istio#49764).',
  fix: 'Go to a release at most two minors ahead first, then to the target.',
  blames: 'person',
});

const KubernetesUnchecked = defineFinding({
  code: 'KUBERNETES_UNCHECKED',
  severity: 'notes',
  title: 'It is not known which Kubernetes versions the target supports.',
  cause:
    'The release is newer than the table of this tool, or the API server reports a version that this tool cannot read.',
  fix: 'Look up the supported Kubernetes versions of this release on istio.io before you continue.',
  blames: 'surroundings',
});

const KubernetesTooOld = defineFinding({
  code: 'KUBERNETES_TOO_OLD',
  severity: 'blocks',
  title: 'The target needs a newer Kubernetes.',
  cause: 'The API server is older than the oldest version that the Istio release supports.',
  fix: 'Upgrade Kubernetes first.',
  blames: 'surroundings',
});

const KubernetesUntested = defineFinding({
  code: 'KUBERNETES_UNTESTED',
  severity: 'warns',
  title: 'The target was not tested with a Kubernetes this new.',
  cause: 'The API server is newer than the newest version that the Istio release names as supported.',
  fix: 'Rehearse this pair before production.',
  blames: 'surroundings',
});

const finds = [
  SameRevision,
  VersionUnknown,
  Downgrade,
  SkewTooWide,
  KubernetesUnchecked,
  KubernetesTooOld,
  KubernetesUntested,
] as const;
type Found = FindingOf<typeof finds>;

export const versions = defineCheck({ looksAt: ['identity'], finds, find: checkVersions });

/** The jump itself: never to an older or the same version, at most two minors, on a Kubernetes that the target supports. */
export function checkVersions({ identity }: Pick<World, 'identity'>, { from, to, versions }: Plan): readonly Found[] {
  // Without the tag there is no revision to leave; the check of the tag reports that.
  if (from === '') return [];
  if (from === to) return [SameRevision.of(`The tag already points to ${to}, which is also the target.`)];
  const ahead = minorsAhead(versions.from, versions.to);
  if (ahead === undefined)
    return [
      VersionUnknown.of(`The distance is unknown from ${versions.from || 'an unknown version'} to ${versions.to}.`),
    ];
  if (isOlder(versions.to, versions.from))
    return [Downgrade.of(`${versions.to} is older than ${versions.from}, which runs now.`)];
  if (ahead > 2)
    return [
      SkewTooWide.of(
        `${versions.from} to ${versions.to} is ${ahead} minors; a revision upgrade may jump two.`,
        [],
        `Go to a release at most two minors after ${versions.from} first (istio/istio#49764).`,
      ),
    ];
  return checkKubernetes(identity.kubernetesVersion, versions.to);
}

function checkKubernetes(kubernetes: string, target: string): readonly Found[] {
  const range = kubernetesRange(target);
  const minor = kubernetesMinor(kubernetes);
  if (range === undefined || minor === undefined)
    return [KubernetesUnchecked.of(`We do not know which Kubernetes Istio ${target} supports.`)];
  if (minor < range[0])
    return [KubernetesTooOld.of(`Istio ${target} needs Kubernetes 1.${range[0]} or newer; this is ${kubernetes}.`)];
  if (minor > range[1])
    return [KubernetesUntested.of(`Istio ${target} was tested up to Kubernetes 1.${range[1]}; this is ${kubernetes}.`)];
  return [];
}
