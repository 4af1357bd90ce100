import { expectedRemoval, isExpected } from '../mesh/istiod-objects.ts';
import { defineFinding, type Problem } from '../model/finding.ts';
import { installerOf } from '../model/installer-kind.ts';
import type { ManifestObject } from '../model/manifest-object.ts';
import type { Plan } from '../model/plan.ts';
import { revisionSuffix } from '../model/revision.ts';
import type { TagObject, World } from '../model/world.ts';
import { removalAdvice } from './awaited-changes.ts';
import { NotInstalledByIstioctl, notInstalledByHelm, tagGoesWithOld, tagInRelease } from './owners.ts';

export const UninstallTakesMore = defineFinding({
  code: 'UNINSTALL_TAKES_MORE',
  severity: 'blocks',
  title: 'The removal of the old revision would also delete objects that are not part of its istiod.',
  cause:
    '`istioctl uninstall` deletes everything that carries the label istio.io/rev of the revision, gateways, CNI and ztunnel included, and does not warn (istio/istio#46080). `helm uninstall` deletes everything that its release holds.',
  fix: 'Reinstall these for the new revision, or take the label istio.io/rev off them; take them out of the Helm release.',
  blames: 'surroundings',
});

export const UninstallTakesLess = defineFinding({
  code: 'UNINSTALL_TAKES_LESS',
  severity: 'blocks',
  title: 'The removal of the old revision would leave parts of its istiod behind.',
  cause: 'Some of its objects lack the labels by which istioctl finds them: another tool installed or changed them.',
  fix: 'Remove these objects with the tool that installed them, and not the objects of a revision tag; the rest of the upgrade is complete.',
  blames: 'surroundings',
});

type Observed = Pick<World, 'usage' | 'controlPlanes' | 'tags'>;

/** `uninstall` takes gateways, CNI and ztunnel of the revision with it and refuses nothing (istio/istio#46080): its dry run must list what we expect to go, and nothing else. */
export function checkRemoval(world: Observed, plan: Plan): readonly Problem[] {
  const { from, istioNamespace } = plan;
  const controlPlane = world.controlPlanes.get(from);
  if (controlPlane?.deployment === undefined || world.usage.unknown.length > 0) return [];
  const installer = installerOf(plan);
  // What your own tool removes cannot be previewed: only that no tag goes with it.
  if (installer === 'command' || installer === 'external') return tagGoesWithOld(world, plan.from);
  if (installer === 'helm') return checkRelease(world, plan);
  if (controlPlane.owner?.by !== 'istioctl') {
    // To remove it would switch injection off, so that it is said how the tag survives, and nothing else.
    const going = tagGoesWithOld(world, from);
    if (going.length > 0) return going;
    return [
      NotInstalledByIstioctl.of(
        `istiod ${from} was not installed by istioctl, so its uninstall would remove nothing and say "complete".`,
        [controlPlane.deployment.name],
        `${removalAdvice(controlPlane.owner, from)} Everything else is done.`,
      ),
    ];
  }
  const others = world.usage.removal.filter(
    (object) => !isExpected(object, from, istioNamespace) && !isOfTagInUse(object, world),
  );
  const absent = expectedRemoval(from, istioNamespace).filter(
    (wanted) => !world.usage.removal.some(({ kind, name }) => kind === wanted.kind && name === wanted.name),
  );
  return [
    ...takesMore(others, from),
    ...(absent.length === 0
      ? []
      : [
          UninstallTakesLess.of(
            `Uninstalling ${from} would not remove all of its istiod.`,
            absent.map(({ kind, name }) => `${kind} ${name}`),
          ),
        ]),
  ];
}

/** Helm deletes what the manifest of the release holds, whatever the marks on the live objects say (Helm 3 does not look at them). */
function checkRelease(world: Observed, { from, istioNamespace }: Plan): readonly Problem[] {
  const unremovable = [...notInstalledByHelm(world.controlPlanes, from), ...tagGoesWithOld(world, from)];
  if (unremovable.length > 0) return unremovable;
  const { removal } = world.usage;
  const going = [...world.tags.values()]
    .flat()
    .filter((object) => removal.some(({ kind, name }) => kind === kindOf[object.kind] && name === object.name));
  if (going.length > 0) return tagInRelease(world.controlPlanes, going, from);
  return takesMore(
    removal.filter(
      (object) => !isExpected(object, from, istioNamespace) && !isStablePolicy(object, from, istioNamespace),
    ),
    from,
  );
}

/** Of the chart istiod with `experimental.stableValidationPolicy`; `istioctl uninstall` does not remove it. */
const isStablePolicy = ({ kind, name }: ManifestObject, from: string, istioNamespace: string): boolean =>
  kind.startsWith('ValidatingAdmissionPolicy') &&
  ['policy', 'policy-binding'].some(
    (what) => name === `stable-channel-${what}${revisionSuffix(from)}-${istioNamespace}.istio.io`,
  );

const takesMore = (others: readonly ManifestObject[], from: string): readonly Problem[] =>
  others.length === 0
    ? []
    : [
        UninstallTakesMore.of(
          `Uninstalling ${from} would also remove ${others.length} objects that are not its istiod's.`,
          others.map(({ kind, namespace, name }) => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`),
        ),
      ];

/** A tag that points to the old revision is a use of it, and is moved: its objects are not to be taken out of the removal. */
function isOfTagInUse({ kind, name }: ManifestObject, { usage, tags }: Pick<World, 'usage' | 'tags'>): boolean {
  if (!usage.references.some(({ what }) => what === 'tag' || what === 'validator')) return false;
  return [...tags.values()].flat().some((object) => kindOf[object.kind] === kind && object.name === name);
}

const kindOf = {
  webhook: 'MutatingWebhookConfiguration',
  Service: 'Service',
  validator: 'ValidatingWebhookConfiguration',
} as const satisfies Record<TagObject['kind'], string>;
