import { defineFinding, type Problem } from '../model/finding.ts';
import { type InstallerKind, installerOf } from '../model/installer-kind.ts';
import { describeOwner, isSameOwner, type Owner, type OwnerKind, ownerKinds } from '../model/owner.ts';
import type { Plan } from '../model/plan.ts';
import { describeRelease } from '../model/release-name.ts';
import type { Revision } from '../model/revision.ts';
import type { TagObject, World } from '../model/world.ts';
import { describeOther, installs, removalAdvice } from './awaited-changes.ts';
import { defineCheck, type FindingOf } from './define-check.ts';
import { handOver } from './tag-hand-over.ts';

export const NotInstalledByIstioctl = defineFinding({
  code: 'NOT_INSTALLED_BY_ISTIOCTL',
  severity: 'blocks',
  title: 'istioctl did not install the old istiod, so istioctl cannot remove it.',
  cause:
    'Helm, an operator or GitOps installed it. `istioctl uninstall` finds objects by labels that only its own install sets, and says "complete" although it removes nothing (istio/istio#55091).',
  fix: 'Remove the old revision with the tool that installed it. The tool does the rest of the upgrade.',
  blames: 'person',
});

const MixedInstallers = defineFinding({
  code: 'MIXED_INSTALLERS',
  severity: 'blocks',
  title: 'Another tool installed the old istiod, and mesh.installer says that istioctl installs the new one.',
  cause:
    '`istioctl install` takes over the objects that all revisions share: the CRDs and the accounts of istiod. The next upgrade by the tool that owns them then fails, and stage 8 cannot remove the old istiod.',
  fix: 'Remove mesh.installer from the config: Helm then installs what belongs to a Helm release, and for any other tool the run waits. Or install the new revision with it, without a tag; then run again: stage 2 finds it.',
  blames: 'person',
});

const NotInstalledByHelm = defineFinding({
  code: 'NOT_INSTALLED_BY_HELM',
  severity: 'blocks',
  title: 'mesh.installer is helm, and no Helm release owns the old istiod.',
  cause:
    'Another tool installed the old istiod, by the marks on it. Helm cannot remove it, and refuses to take over the objects that all revisions share.',
  fix: 'Remove mesh.installer from the config: the marks on the old istiod then decide.',
  blames: 'person',
});

const TagGoesWithOld = defineFinding({
  code: 'TAG_GOES_WITH_OLD',
  severity: 'blocks',
  title: 'The removal of the old istiod would delete the revision tag too.',
  cause:
    'The same Helm release, Application or operator owns the old istiod and objects of a tag, for example because the values of istiod list the tag in revisionTags. When it is removed, the tag is deleted without a message, and every pod that is created afterwards starts without a sidecar.',
  fix: 'Take the objects of the tag out of the release before the upgrade, without deleting them.',
  blames: 'person',
});

const TagOwnedByGitops = defineFinding({
  code: 'TAG_OWNED_BY_GITOPS',
  severity: 'blocks',
  title: 'A GitOps controller or an operator owns the tag and would set it back.',
  cause:
    'Marks of Argo CD, Flux or an operator are on the objects of the tag. Such an owner writes its own version again, within seconds or in the middle of stage 7, unless it leaves the tag to others or is suspended for it.',
  fix: 'Let the owner leave the tag to others, or suspend it until its source names the new revision; then say so in mesh.tagOwner.',
  blames: 'surroundings',
});

const TagInHelmRelease = defineFinding({
  code: 'TAG_IN_HELM_RELEASE',
  severity: 'warns',
  title: 'A Helm release owns objects of the tag.',
  cause:
    'A `helm upgrade` of that release during this upgrade sets the tag back without a message (Helm 3, `--server-side=false`, `--force-conflicts`), or fails with conflicts (Helm 4).',
  fix: 'Do not upgrade that release before this upgrade is over; then let its values name the new revision.',
  blames: 'surroundings',
});

const MeshOwners = defineFinding({
  code: 'MESH_OWNERS',
  severity: 'notes',
  title: 'Another tool than istioctl owns parts of the mesh.',
  cause: 'Marks of Helm, Argo CD, Flux or an operator are on an istiod, its injector or an object of the tag.',
  fix: 'Do nothing, if these tools do not run during the upgrade.',
  blames: 'person',
});

const InstallerTold = defineFinding({
  code: 'INSTALLER_TOLD',
  severity: 'notes',
  title: 'Another tool than istioctl installs the new istiod and removes the old one.',
  cause:
    'mesh.installer in the config says so; or, without it, the marks on the old istiod: of Helm, Argo CD, Flux or an operator.',
  fix: 'Do nothing if that is meant; else set mesh.installer.',
  blames: 'person',
});

const finds = [
  NotInstalledByIstioctl,
  NotInstalledByHelm,
  MixedInstallers,
  TagGoesWithOld,
  TagOwnedByGitops,
  TagInHelmRelease,
  MeshOwners,
  InstallerTold,
] as const;
type Found = FindingOf<typeof finds>;

type Observed = Pick<World, 'controlPlanes' | 'tags'>;

export const owners = defineCheck({ looksAt: ['controlPlanes', 'tags'], finds, find: checkOwners });

/** One tool installs, tags and removes; another one that owns a part of it neither undoes the upgrade nor deletes the tag. */
export function checkOwners(world: Observed, plan: Plan): readonly Found[] {
  return [
    ...(installerOf(plan) === 'istioctl' ? checkInstaller(world.controlPlanes, plan) : tellInstaller(world, plan)),
    ...(installerOf(plan) === 'helm' ? notInstalledByHelm(world.controlPlanes, plan.from) : []),
    ...tagGoesWithOld(world, plan.from),
    ...checkTag(world, plan),
    ...tellOwners(world, plan),
  ];
}

function checkInstaller(controlPlanes: World['controlPlanes'], { from, to, versions }: Plan): readonly Found[] {
  const { deployment, owner } = controlPlanes.get(from) ?? {};
  if (deployment === undefined || owner?.by === 'istioctl') return [];
  if (owner !== undefined && controlPlanes.get(to)?.deployment === undefined)
    return [
      MixedInstallers.of(
        `istiod ${from} belongs to ${describeOwner(owner)}, and istioctl would install ${to} beside it.`,
        [deployment.name],
        `${owner.by === 'helm' ? 'Remove mesh.installer, and Helm does it' : `Set mesh.installer: external, and the run waits for ${describeOwner(owner)}`}. Or install ${to} with it now: ${installs[owner.by](owner, to, versions.to)}. Then run again: stage 2 finds it.`,
      ),
    ];
  return [
    NotInstalledByIstioctl.as(
      'warns',
      `istiod ${from} was not installed by istioctl; its uninstall would say "complete" and remove nothing (istio/istio#55091).`,
      [deployment.name],
      `Stage 8 will not remove it. When the rest is done: ${lowerFirst(removalAdvice(owner, from))}`,
    ),
  ];
}

/** Only a release can be removed by Helm. */
export function notInstalledByHelm(
  controlPlanes: World['controlPlanes'],
  from: Revision,
): readonly Problem<'NOT_INSTALLED_BY_HELM'>[] {
  const { deployment, owner } = controlPlanes.get(from) ?? {};
  if (deployment === undefined || owner?.by === 'helm') return [];
  return [
    NotInstalledByHelm.of(
      `istiod ${from} belongs to ${owner === undefined ? 'no Helm release' : describeOwner(owner)}, and mesh.installer is helm.`,
      [deployment.name],
    ),
  ];
}

function tellInstaller(world: Observed, plan: Plan): readonly Found[] {
  const { message, fix } = installerWords[installerOf(plan)](world, plan);
  return [InstallerTold.of(message, [], ...(fix === undefined ? [] : [fix]))];
}

const installerWords: Record<InstallerKind, (world: Observed, plan: Plan) => { message: string; fix?: string }> = {
  istioctl: (_world, { from, to }) => ({ message: `istioctl installs istiod ${to} and removes ${from}.` }),
  helm: (_world, { from, to, releases }) => ({
    message: `Helm installs istiod ${to}${releases === undefined ? '' : ` as release ${describeRelease(releases.to)}`} and removes ${from}${releases?.from === undefined ? '' : `, release ${describeRelease(releases.from)}`}.`,
    fix: 'Do nothing if that is meant. If another tool calls Helm for you, for example helmfile or Terraform, set mesh.installer: external, or its commands.',
  }),
  command: (_world, { from, to }) => ({
    message: `Your own commands (mesh.installer.command) install istiod ${to} and remove ${from}. What they would do cannot be shown here: stage 3 compares the configuration of the two istiods before the tag moves.`,
  }),
  external: ({ controlPlanes }, { from, to }) => ({
    message: `This run does not install istiod ${to} and does not remove ${from}: it waits in stages 2 and 8 until ${describeOther(controlPlanes.get(from)?.owner)} has done so.`,
    fix: 'Do nothing if that is meant. To let this run do it, set mesh.installer: { command: ... }.',
  }),
};

/** Objects of any tag that are deleted when the owner of this istiod is removed; empty where istioctl installed it. */
export function tagGoesWithOld(
  { controlPlanes, tags }: Observed,
  from: Revision,
): readonly Problem<'TAG_GOES_WITH_OLD'>[] {
  const { deployment, owner } = controlPlanes.get(from) ?? {};
  // `istioctl uninstall` goes by the revision that the tag names, and its dry run is read before.
  if (deployment === undefined || owner === undefined || owner.by === 'istioctl') return [];
  const going = [...tags.values()]
    .flat()
    .filter((object) => object.owner !== undefined && isSameOwner(object.owner, owner) && !object.owner.neverDeletes);
  if (going.length === 0) return [];
  return [
    TagGoesWithOld.of(
      `${describeOwner(owner)} owns istiod ${from} and objects of its revision tag; its removal would delete both, and new pods would start without a sidecar.`,
      going.map(({ kind, name }) => `${kind} ${name}`),
      handOver(owner, going),
    ),
  ];
}

/** The same, where the manifest of the release of the old istiod holds them, whatever their marks say. */
export function tagInRelease(
  controlPlanes: World['controlPlanes'],
  going: readonly TagObject[],
  from: Revision,
): readonly Problem<'TAG_GOES_WITH_OLD'>[] {
  const owner = controlPlanes.get(from)?.owner;
  if (owner === undefined) return [];
  return [
    TagGoesWithOld.of(
      `${describeOwner(owner)} holds istiod ${from} and objects of its revision tag; its removal may delete both, and new pods would start without a sidecar.`,
      going.map(({ kind, name }) => `${kind} ${name}`),
      handOver(owner, going),
    ),
  ];
}

function checkTag({ tags, controlPlanes }: Observed, plan: Plan): readonly Found[] {
  const { tag, from, to } = plan;
  const objects = tags.get(tag) ?? [];
  const old = controlPlanes.get(from)?.owner;
  const owned = Map.groupBy(objects, ({ owner }) => owner && describeOwner(owner));
  return [
    ...[...owned].flatMap(([name, members]): readonly Found[] => {
      const owner = members[0]?.owner;
      if (name === undefined || owner === undefined) return [];
      if (ownerKinds[owner.by].restores) return restoredBy(name, owner, members, plan);
      if (owner.by !== 'helm' || (old !== undefined && isSameOwner(owner, old))) return [];
      return [
        TagInHelmRelease.of(
          `${name} owns objects of tag "${tag}"; a helm upgrade of it in the meantime sets them back.`,
          members.map((object) => object.name),
          `Do not upgrade this release before the upgrade is over. Then let its values name ${to} (defaultRevision, revisionTags), once with --force-conflicts.`,
        ),
      ];
    }),
    ...(plan.tagOwner === undefined ? writtenByGitops(objects, tag) : []),
  ];
}

/** An owner that leaves the tag alone for good is fine; one that is suspended must not wake up too early. */
function restoredBy(
  name: string,
  owner: Owner,
  objects: readonly TagObject[],
  { tag, to, tagOwner }: Plan,
): readonly Found[] {
  const named = objects.map((object) => object.name);
  const ways = new Set(objects.map((object) => object.owner?.standsBack ?? tagOwner));
  if (ways.has(undefined))
    return [
      TagOwnedByGitops.of(
        `${name} owns tag "${tag}" and would set it back after stage 3.`,
        named,
        `${standBack[owner.by](name)} What no mark on the objects shows, the config must say: mesh.tagOwner: delegated, or paused.`,
      ),
    ];
  if (!ways.has('paused')) return [];
  return [
    TagOwnedByGitops.as(
      'warns',
      `${name} owns tag "${tag}" and is paused.`,
      named,
      `Resume it only when its source names ${to}: before that it would set the tag back.`,
    ),
  ];
}

const suspend = (name: string): string => `Suspend ${name} until the upgrade is over.`;

const standBack = {
  'argo-cd': (name) =>
    `Let ${name} ignore what this tool writes: ignoreDifferences with managedFieldsManagers: [istio-ci, istio-canary-upgrade] for these objects, and the sync option RespectIgnoreDifferences=true; or stop its automated sync.`,
  'flux-kustomization': (name) =>
    `Annotate these objects in the source of ${name} with kustomize.toolkit.fluxcd.io/ssa: IfNotPresent; or for this upgrade alone in the cluster: kubectl annotate ... kustomize.toolkit.fluxcd.io/reconcile=disabled.`,
  'flux-helm-release': suspend,
  operator: suspend,
  helm: suspend,
  istioctl: suspend,
} as const satisfies Record<OwnerKind, (name: string) => string>;

/** Field managers that restore their own version of an object after we change it. */
export const gitOpsManagers = /argocd|argo-cd|flux|kustomize-controller|helm-controller|sail|fleet/i;

/** Who has written once is no owner by that: the controller may have been stopped, or may have given the tag away. */
function writtenByGitops(objects: readonly TagObject[], tag: string): readonly Found[] {
  const written = objects.filter(
    ({ owner, managers }) =>
      !(owner && ownerKinds[owner.by].restores) && managers.some((manager) => gitOpsManagers.test(manager)),
  );
  if (written.length === 0) return [];
  const managers = new Set(written.flatMap((object) => object.managers.filter((name) => gitOpsManagers.test(name))));
  return [
    TagOwnedByGitops.as(
      'warns',
      `${[...managers].join(', ')} has written tag "${tag}" and may set it back, although no mark of an owner is on it.`,
      written.map(({ name }) => name),
      'Make sure that it does not write the tag during the upgrade, and change its source afterwards.',
    ),
  ];
}

function tellOwners(world: Observed, plan: Plan): readonly Found[] {
  const described = describeOwners(world, plan);
  return described.length === 0
    ? []
    : [MeshOwners.of('Parts of the mesh belong to another tool than istioctl.', described)];
}

/** `istiod 1-30-4: Helm release istio-system/istiod-1-30-4`: of both revisions and the tag; empty where istioctl alone owns them. */
export function describeOwners(world: Observed, plan: Plan): readonly string[] {
  const parts = ownedParts(world, plan);
  const isForeign = parts.some(({ owner }) => owner !== undefined && owner.by !== 'istioctl');
  return isForeign ? parts.map(describePart) : [];
}

interface Part {
  what: string;
  owner: Owner | undefined;
}

const describePart = ({ what, owner }: Part): string =>
  `${what}: ${owner ? describeOwner(owner) : 'no mark of an owner'}`;

function ownedParts({ controlPlanes, tags }: Observed, { tag, from, to }: Plan): readonly Part[] {
  const revisions = [...new Set([from, to])].flatMap((revision): readonly Part[] => {
    const { deployment, injector, owner, injectorOwner } = controlPlanes.get(revision) ?? {};
    return [
      ...(deployment === undefined ? [] : [{ what: `istiod ${revision}`, owner }]),
      ...(injector === undefined ? [] : [{ what: `injector ${injector.name}`, owner: injectorOwner }]),
    ];
  });
  return [...revisions, ...(tags.get(tag) ?? []).map(({ kind, name, owner }) => ({ what: `${kind} ${name}`, owner }))];
}

const lowerFirst = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
