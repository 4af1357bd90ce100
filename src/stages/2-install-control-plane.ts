import { awaitedInstall } from '../checks/awaited-changes.ts';
import { defaultTaken, isDefaultTaken } from '../checks/default-tag-taken.ts';
import { DefaultTagMissing, hasDefaultTag } from '../checks/tags.ts';
import { controlPlaneLost } from '../mesh/disturbances.ts';
import { leavesDefinitions } from '../mesh/leaves-definitions.ts';
import { isOutdated } from '../mesh/own-install.ts';
import { adviceFor } from '../mesh/references.ts';
import { pointsTo } from '../mesh/tag-strays.ts';
import { cannotInject, unready } from '../mesh/unready.ts';
import type { Effect } from '../model/effect.ts';
import { defineFinding, type Problem } from '../model/finding.ts';
import { awaitsOthers, installerOf } from '../model/installer-kind.ts';
import type { ManifestObject } from '../model/manifest-object.ts';
import { hasLabelled } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import { releaseOf } from '../model/release-name.ts';
import { isOlder } from '../model/releases.ts';
import { revisionSuffix } from '../model/revision.ts';
import { defineStage, type Shortfall, shortfall } from '../model/stage.ts';
import { notAsked, type World } from '../model/world.ts';

export const InstallTouchesMore = defineFinding({
  code: 'INSTALL_TOUCHES_MORE',
  severity: 'blocks',
  title: 'The install would write workloads or namespaces other than the new istiod.',
  cause: 'The profile or the files of target.install contain gateways, CNI, ztunnel or another namespace.',
  fix: 'Use the profile minimal, and remove these parts from the files of target.install: they would overwrite the live gateway (istio/istio#41762).',
  // Decides as it did when any failure led back; whose failure it is, evidence will have to tell.
  blames: 'release',
});

export const InstalledOtherwise = defineFinding({
  code: 'INSTALLED_OTHERWISE',
  severity: 'blocks',
  title: 'The tag or the canary names the new istiod, which was not installed with what the config asks for.',
  cause:
    'An earlier run of this tool installed it, and target.set, the file of target.values or the istioctl has changed since, or that install was not seen to end. Nothing is installed over an istiod that is in use.',
  fix: 'Roll back first (`istio-canary-upgrade rollback`), then run `upgrade` again: it installs the new istiod again. Or give the config the values back that it was installed with.',
  blames: 'person',
  next: 'rollback',
});

export const LeftoverInUse = defineFinding({
  code: 'LEFTOVER_IN_USE',
  severity: 'blocks',
  title: 'The new istiod must be installed again, and something uses it although the tag does not name it.',
  cause:
    'An earlier run of this tool installed it with something else than the config asks for now, or was not seen to end. A pod, a label, another tag or a connected proxy refers to its revision, and nothing is installed over an istiod that is in use.',
  fix: 'Move or remove what uses it, then run again. Or give the config the values back that it was installed with.',
  blames: 'person',
});

/** Stage 2: the new istiod runs beside the old one and nothing else changes; no pod uses it yet. */
export const installControlPlane = defineStage({
  step: 'install-control-plane',
  looksAt: ['controlPlanes', 'tags', 'manifest', 'definitions', 'marks', 'targetUse', 'now', 'unchangedForMs'],
  requires: ({ tags, manifest }, { from, to, istioNamespace, install }) => [
    // Without it, install takes the default by itself and flips the whole mesh here, unless it is told not to.
    ...(hasDefaultTag(tags) || install.leavesDefaultTag === true
      ? []
      : [
          DefaultTagMissing.of(
            'There is no revision tag "default" any more; install would make the new revision the default at once.',
            [],
            `Make it: istioctl tag set default --revision ${from}`,
          ),
        ]),
    ...intruders(manifest.objects, to, istioNamespace).map(({ kind, name, namespace }) =>
      InstallTouchesMore.of(
        `The install would also write ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}.`,
        [`${kind}/${name}`],
      ),
    ),
  ],
  effects: (world, plan) => {
    if (awaitsOthers(plan)) return [];
    const { to } = plan;
    const isThere = world.controlPlanes.get(to)?.deployment !== undefined;
    // Gateways of the same revision count as a use of it: a second install prunes them.
    if (isThere && !(isOutdated(world, plan) && isUnused(world.targetUse))) return [];
    const upgrade = isThere ? undefined : definitionsUpgrade(world, plan);
    if (upgrade !== undefined) return [upgrade];
    const leaves =
      installerOf(plan) === 'istioctl' && leavesDefinitions(world, plan) ? ({ leavesDefinitions: true } as const) : {};
    return [{ kind: 'install', revision: to, again: isThere, ...leaves }];
  },
  // A run that resumes finds the tag moved already: then one ready replica is enough, and an istiod that stays away leads back.
  missing: (world, plan) => {
    const { to } = plan;
    const isNamed = isInUse(world, plan);
    const taken = isDefaultTaken(world, plan) ? [shortfall('tag default', to, 'no such tag')] : [];
    const lacking = (isNamed ? cannotInject : unready)(world.controlPlanes.get(to), to);
    const unsettled = lacking.length === 0 && !isNamed ? stillInstalling(world, plan) : [];
    return [...outdated(world, plan), ...taken, ...lacking, ...unsettled];
  },
  awaits: ({ controlPlanes }, plan) =>
    awaitsOthers(plan) && controlPlanes.get(plan.to)?.deployment === undefined
      ? [awaitedInstall(controlPlanes.get(plan.from)?.owner, plan)]
      : [],
  broken: (world, plan) => [
    ...(isInUse(world, plan) ? controlPlaneLost(world, plan) : []),
    ...usedOtherwise(world, plan),
    ...defaultTaken(world, plan),
  ],
  proof: ({ controlPlanes, tags }, { to, tag }) => {
    const named = tags.get(tag)?.[0]?.revision ?? 'nothing';
    // A run that goes on finds it moved already.
    const names = named === to ? 'points to' : 'still points to';
    return `${controlPlanes.get(to)?.deployment?.ready ?? 0} ready; tag ${tag} ${names} ${named}`;
  },
});

/**
 * Only Helm keeps the CRDs apart from the istiods. They come first, since the new istiod may need what only they have; newer ones stay.
 * What the validator of the tag `default` points to stays too.
 */
function definitionsUpgrade(
  { definitions: { release, owner }, tags }: Pick<World, 'definitions' | 'tags'>,
  { versions, istioNamespace, ...plan }: Plan,
): Effect | undefined {
  const base = releaseOf(owner, istioNamespace);
  const isCurrent = release !== undefined && !isOlder(release, versions.to);
  if (installerOf(plan) !== 'helm' || base === undefined || isCurrent) return undefined;
  const defaultRevision = tags.get('default')?.find(({ kind }) => kind === 'validator')?.revision;
  return {
    kind: 'upgrade-definitions',
    release: base,
    version: versions.to,
    ...(defaultRevision === undefined ? {} : { defaultRevision }),
  };
}

/** By this upgrade itself. */
const isInUse = ({ tags, marks }: Pick<World, 'tags' | 'marks'>, { tag, to }: Plan): boolean =>
  hasLabelled(marks) || pointsTo(tags, tag, to);

const settledAfterMs = 15_000;

/** Nothing says when an install by others has ended. After its istiod is ready, istioctl still makes the tag `default`. */
const stillInstalling = ({ unchangedForMs }: Pick<World, 'unchangedForMs'>, plan: Plan): readonly Shortfall[] =>
  awaitsOthers(plan) && unchangedForMs < settledAfterMs
    ? [
        {
          ...shortfall('the install by others', 'it changed something a moment ago', 'no change for 15 s'),
          endsByItself: true,
        },
      ]
    : [];

type Observed = Pick<World, 'controlPlanes' | 'marks' | 'manifest' | 'targetUse' | 'tags'>;

const isUnused = (use: World['targetUse']): boolean =>
  use !== notAsked && use.references.length + use.unknown.length === 0;

function outdated(world: Observed, plan: Plan): readonly Shortfall[] {
  if (!isOutdated(world, plan)) return [];
  const { to } = plan;
  const unknown = world.targetUse === notAsked ? [] : world.targetUse.unknown;
  const is = world.marks.installed?.manifest === undefined ? 'an install without an end' : 'installed otherwise';
  return [
    shortfall(`istiod ${to}`, is, 'as the config asks for it'),
    ...unknown.map((what) => shortfall(`cannot tell whether ${to} is unused`, what)),
  ];
}

function usedOtherwise(world: Observed, plan: Plan): readonly Problem[] {
  const { from, to } = plan;
  if (!isOutdated(world, plan) || world.targetUse === notAsked) return [];
  const { references } = world.targetUse;
  if (references.length === 0) return [];
  const objects = references.map(({ what, name }) => `${what} ${name}`);
  const what = `istiod ${to} was not installed with what the config asks for, and is in use, so it is not installed again.`;
  return isInUse(world, plan)
    ? [InstalledOtherwise.of(what, objects)]
    : [LeftoverInUse.of(what, objects, adviceFor(references, from))];
}

/** Workload kinds of a manifest that are not the new istiod: gateways, CNI, ztunnel, or another revision's objects. */
function intruders(manifest: readonly ManifestObject[], to: string, istioNamespace: string): readonly ManifestObject[] {
  const shared = new Set(['CustomResourceDefinition', 'Namespace']);
  const istiod = `istiod${revisionSuffix(to)}`;
  return manifest.filter(({ kind, name, namespace }) => {
    if (shared.has(kind)) return false;
    if (['Deployment', 'DaemonSet', 'StatefulSet', 'Job'].includes(kind))
      return kind !== 'Deployment' || name !== istiod;
    if (namespace !== undefined && namespace !== istioNamespace) return true;
    return (
      kind === 'MutatingWebhookConfiguration' &&
      name !== `istio-sidecar-injector${revisionSuffix(to)}` &&
      name !== `istio-sidecar-injector${revisionSuffix(to)}-${istioNamespace}`
    );
  });
}
