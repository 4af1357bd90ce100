import { observeDefinitions } from '../mesh/observe/definitions.ts';
import { installOf } from '../mesh/own-install.ts';
import { defineFinding } from '../model/finding.ts';
import { installerOf } from '../model/installer-kind.ts';
import type { Plan } from '../model/plan.ts';
import { describeRelease, isSameRelease, type ReleaseName, releaseOf } from '../model/release-name.ts';
import { isOlder } from '../model/releases.ts';
import type { Helm, HelmRelease } from '../ports/helm.ts';
import type { Installers } from '../ports/installer.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { FindingOf } from './define-check.ts';

const HelmTooOld = defineFinding({
  code: 'HELM_TOO_OLD',
  severity: 'blocks',
  title: 'helm is too old.',
  cause: 'The binary found on the PATH, or at mesh.installer.helm.binary, is older than 3.14.',
  fix: 'Install a newer helm. For the chart base the option --reset-then-reuse-values is needed.',
  blames: 'person',
});

const HelmReleasePending = defineFinding({
  code: 'HELM_RELEASE_PENDING',
  severity: 'blocks',
  title: 'A Helm release is locked by an operation that has not ended.',
  cause:
    'A helm that installs, upgrades or rolls back the release is at work, or it was killed. Until that ends Helm refuses every other operation on the release.',
  fix: 'If a helm is at work, wait for it. If it was killed, end the operation, then run again.',
  blames: 'surroundings',
});

const HelmReleaseHoldsMore = defineFinding({
  code: 'HELM_RELEASE_HOLDS_MORE',
  severity: 'blocks',
  title: 'The Helm release of the CRDs holds an istiod or other workloads too.',
  cause:
    'One chart of your own contains the charts base and istiod. To upgrade it by the chart base would delete the istiod, and to remove it would delete everything.',
  fix: 'Let your own tool install: set mesh.installer to external, or give its commands. Or install each revision of istiod as a separate release.',
  blames: 'person',
});

export const helmFindings = [HelmTooOld, HelmReleasePending, HelmReleaseHoldsMore] as const;

/** The oldest that has `--reset-then-reuse-values`. */
const oldest = '3.14.0';

const workloads: ReadonlySet<string> = new Set(['Deployment', 'DaemonSet', 'StatefulSet', 'Job', 'CronJob']);

/** Whether helm can do what the plan asks of it: its age, the charts, and the releases that it is to upgrade or to remove. */
export async function inspectHelm(
  ports: { cluster: Cluster; helm: Helm; installers: Installers },
  plan: Plan,
  started: boolean,
): Promise<readonly FindingOf<typeof helmFindings>[]> {
  if (installerOf(plan) !== 'helm') return [];
  const version = await ports.helm.version();
  if (isOlder(version, oldest)) return [HelmTooOld.of(`helm is ${version}; at least ${oldest} is needed.`, [version])];
  // A chart that cannot be found, or values that it does not take, end this before anything is changed.
  // Once waves have begun, a repository that does not answer is no reason to stop.
  if (!started) await ports.installers('helm').preview(installOf(plan));
  const { owner } = await observeDefinitions(ports.cluster);
  const base = releaseOf(owner, plan.istioNamespace);
  const old = plan.releases?.from;
  const names = [base, old].filter((name) => name !== undefined);
  const found = await Promise.all(names.map(async (name) => [name, await ports.helm.release(name)] as const));
  return [
    ...found.flatMap(([name, release]) => pending(name, release)),
    ...found
      .filter(([name]) => base !== undefined && isSameRelease(name, base))
      .slice(0, 1)
      .flatMap(([name, release]) => holdsMore(name, release)),
  ];
}

function pending(name: ReleaseName, release: HelmRelease | undefined): readonly FindingOf<typeof helmFindings>[] {
  if (release?.status.startsWith('pending-') !== true) return [];
  return [
    HelmReleasePending.of(
      `Helm release ${describeRelease(name)} is ${release.status}.`,
      [describeRelease(name)],
      `If no helm is at work on it, see its history (helm history ${name.name} -n ${name.namespace}) and delete the Secret of the revision that is ${release.status}: kubectl delete secret -n ${name.namespace} -l owner=helm,name=${name.name},status=${release.status}. Then run again. Do not roll the chart base back: CRDs of the older release would drop fields.`,
    ),
  ];
}

function holdsMore(name: ReleaseName, release: HelmRelease | undefined): readonly FindingOf<typeof helmFindings>[] {
  const held = (release?.objects ?? []).filter(({ kind }) => workloads.has(kind));
  if (held.length === 0) return [];
  return [
    HelmReleaseHoldsMore.of(
      `Helm release ${describeRelease(name)} holds Istio's CRDs and ${held.map((object) => `${object.kind} ${object.name}`).join(', ')}.`,
      held.map((object) => `${object.kind} ${object.name}`),
    ),
  ];
}
