import { leavesDefinitions } from '../mesh/leaves-definitions.ts';
import { barToDowngrade, isDowngrade, reachableFrom, wayBetween } from '../model/downgrade.ts';
import { defineFinding } from '../model/finding.ts';
import { installerOf } from '../model/installer-kind.ts';
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
    'The image of the istiod that runs has no tag that is a version, for example `latest`, or a digest alone; and istioctl could not ask istiod for its version, for which it needs the right to create pods/portforward (deploy/rbac.yaml, part upgrade).',
  fix: 'Run this with the rights of the upgrade; or add the version to the image of istiod: pilot:1.30.4@sha256:...',
  blames: 'person',
});

const Downgrade = defineFinding({
  code: 'DOWNGRADE',
  severity: 'blocks',
  title: 'The target is older than the version that runs.',
  cause:
    'target.version in the config is below the version of the revision that the tag points to, and target.allowDowngrade is not set.',
  fix: 'If the older release is what you want, set target.allowDowngrade: true. `upgrade` then goes there by the same eight stages: to an older patch of the same minor, or at most one minor back. Otherwise correct target.version.',
  blames: 'person',
});

const DowngradeTooFar = defineFinding({
  code: 'DOWNGRADE_TOO_FAR',
  severity: 'blocks',
  title: 'The target is further back than a downgrade goes.',
  cause:
    'Istio supports a control plane that is one minor ahead of its proxies, so a downgrade goes at most one minor back. None goes from 1.28 or newer to a release before 1.28: the istioctl of that release moves only a part of the tag (istio/istio#56963).',
  fix: 'Choose an older patch of the same minor or a release of the minor before, and go on from there.',
  blames: 'person',
});

const DowngradeAllowed = defineFinding({
  code: 'DOWNGRADE_ALLOWED',
  severity: 'warns',
  title: 'This run leads to an older release, as the config allows.',
  cause: 'target.version is older than the release that runs, and target.allowDowngrade is set.',
  fix: 'Before you begin, read the change notes of the newer release: what only it can do is lost. Downgrade proxies on virtual machines and in remote clusters before they are connected to the older istiod: a proxy must never be newer than its istiod.',
  blames: 'person',
});

const DefinitionsNewer = defineFinding({
  code: 'DEFINITIONS_NEWER',
  severity: 'warns',
  title: "Istio's CRDs are newer than the target, and stay so.",
  cause:
    'CRDs are shared by all revisions. If older ones were installed, the API server would drop the fields that only the newer ones know from every object, also for the istiod that serves now.',
  fix: 'Look for settings that need the newer release: the older istiod ignores them. Do not install older CRDs by another tool, for example by a rollback of the chart `base`.',
  blames: 'surroundings',
});

const DefinitionsOlder = defineFinding({
  code: 'DEFINITIONS_OLDER',
  severity: 'warns',
  title: "Istio's CRDs are older than the target, and Helm does not own them.",
  cause:
    'mesh.installer is helm, which upgrades the CRDs by the release of the chart base. No release owns these, for example because `kubectl apply` wrote them.',
  fix: 'Apply the CRDs of the target before the upgrade, in the way in which they came: older istiods work with newer CRDs. Otherwise settings that need the newer release are refused.',
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
  DowngradeTooFar,
  DowngradeAllowed,
  DefinitionsNewer,
  DefinitionsOlder,
  SkewTooWide,
  KubernetesUnchecked,
  KubernetesTooOld,
  KubernetesUntested,
] as const;
type Found = FindingOf<typeof finds>;

export const versions = defineCheck({ looksAt: ['identity', 'definitions'], finds, find: checkVersions });

/**
 * The jump itself: two minors forward at most, back only on request and one minor at most, never to the same revision, and on a
 * Kubernetes that the target supports.
 */
export function checkVersions(world: Pick<World, 'identity' | 'definitions'>, plan: Plan): readonly Found[] {
  const { from, to, versions } = plan;
  // Without the tag there is no revision to leave; the check of the tag reports that.
  if (from === '') return [];
  if (from === to) return [sameRevision(plan)];
  const ahead = minorsAhead(versions.from, versions.to);
  if (ahead === undefined)
    return [
      VersionUnknown.of(`The distance is unknown from ${versions.from || 'an unknown version'} to ${versions.to}.`),
    ];
  const refused = refuseDowngrade(plan);
  if (refused.length > 0) return refused;
  if (ahead > 2)
    return [
      SkewTooWide.of(
        `${versions.from} to ${versions.to} is ${ahead} minors; a revision upgrade may jump two.`,
        [],
        `Go to a release at most two minors after ${versions.from} first (istio/istio#49764).`,
      ),
    ];
  return [
    ...describeDowngrade(plan),
    ...checkDefinitions(world, plan),
    ...checkKubernetes(world.identity.kubernetesVersion, versions.to),
  ];
}

/** Also when target.version was changed and target.revision was forgotten: two istiods cannot have one name. */
function sameRevision({ to, versions }: Plan): Found {
  if (versions.from === versions.to || versions.from === '')
    return SameRevision.of(`The tag already points to ${to}, which is also the target.`);
  return SameRevision.of(
    `The tag already points to a revision with the name ${to}: it is Istio ${versions.from}, and the target is ${versions.to}.`,
    [],
    'Give the target another name: remove target.revision, so that the name is made from the version, or change it.',
  );
}

function refuseDowngrade({ versions, allowDowngrade }: Plan): readonly Found[] {
  if (!isDowngrade(versions)) return [];
  const { from, to } = versions;
  const findings: Found[] = [];
  if (allowDowngrade !== true)
    findings.push(Downgrade.of(`${to} is older than ${from}, which runs now, and target.allowDowngrade is not set.`));
  const bar = barToDowngrade(versions);
  if (bar !== undefined)
    findings.push(
      DowngradeTooFar.of(
        bar === 'too far'
          ? `${from} to ${to} is too far back: allowed are older releases of ${reachableFrom(from)}.`
          : `${from} to ${to} is too far back: no downgrade leads to a release before 1.28.`,
        [],
        wayBetween(versions),
      ),
    );
  return findings;
}

function describeDowngrade({ from, to, versions }: Plan): readonly Found[] {
  if (!isDowngrade(versions)) return [];
  return [
    DowngradeAllowed.of(
      `${versions.from} to ${versions.to} is a downgrade. Each proxy stays with the istiod of its own revision, ${from}, until its restart gives it the older proxy together with ${to}: no istiod serves a proxy of a newer release.`,
    ),
  ];
}

function checkDefinitions(world: Pick<World, 'definitions'>, plan: Plan): readonly Found[] {
  const { release, owner } = world.definitions;
  if (
    installerOf(plan) === 'helm' &&
    owner?.by !== 'helm' &&
    (release === undefined || isOlder(release, plan.versions.to))
  )
    return [
      DefinitionsOlder.of(
        `The CRDs are of ${release ?? 'an unknown release'}, no Helm release owns them, and the target is ${plan.versions.to}.`,
      ),
    ];
  if (!leavesDefinitions(world, plan)) return [];
  return [
    DefinitionsNewer.of(
      `The CRDs are of ${release ?? 'an unknown release'} and stay so; istiod ${plan.to} ignores fields that came after ${plan.versions.to}.`,
    ),
  ];
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
