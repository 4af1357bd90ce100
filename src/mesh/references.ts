import { defineFinding } from '../model/finding.ts';
import type { Revision } from '../model/revision.ts';
import type { NamespaceState, OtherUpgrade, Reference, TagObject, Workload, World } from '../model/world.ts';

export const OldRevisionInUse = defineFinding({
  code: 'OLD_REVISION_IN_USE',
  severity: 'blocks',
  title: 'Something still uses the old revision, so it stays installed.',
  cause:
    'For two minutes, a pod, a label, a tag, a connected proxy or the unfinished upgrade of another tag has referred to the old revision, and nothing has changed.',
  fix: 'Move or remove what uses it, then run again.',
  blames: 'workload',
});

const revisionLabel = 'istio.io/rev';

/** Tags of which an object points to the revision, one entry for each object. */
export function tagsAt({ tags }: Pick<World, 'tags'>, revision: Revision): Reference[] {
  return [...tags].flatMap(([tag, objects]) =>
    objects
      .filter((object) => object.revision?.split('+').includes(revision) === true)
      .map(
        ({ kind, name }): Reference => ({
          what: isLeftValidator(objects) ? 'validator' : 'tag',
          name: isLeftValidator(objects) ? name : `${tag} (${kind} ${name})`,
        }),
      ),
  );
}

/** `istioctl tag remove default` before 1.31 leaves the validator of the tag (istio/istio#60538), and it is no tag then. */
export const isLeftValidator = (objects: readonly TagObject[]): boolean =>
  objects.length > 0 && objects.every(({ kind }) => kind === 'validator');

/** Each istiod has its own validator, so this one is not needed. */
export const adviceForValidator = (to: Revision): string =>
  `Each istiod has its own validator, so this one can go: kubectl delete validatingwebhookconfiguration istiod-default-validator. Or let it call istiod-${to}.`;

/**
 * Whether a label `istio.io/rev` with the name of this revision means a tag. An istiod that was installed without a revision is called
 * `default` like the tag, and what is labelled so follows the tag.
 */
export const isNameOfTag = ({ tags }: Pick<World, 'tags'>, revision: Revision): boolean =>
  tags.get(revision)?.some(({ kind }) => kind === 'webhook') === true;

/** Namespaces and workloads whose label names the revision itself: no tag moves them. */
export function namedBy(
  world: Pick<World, 'tags' | 'namespaces' | 'workloads'>,
  revision: Revision,
): { namespaces: readonly NamespaceState[]; workloads: readonly Workload[] } {
  if (isNameOfTag(world, revision)) return { namespaces: [], workloads: [] };
  return {
    namespaces: [...world.namespaces.values()].filter(({ labels }) => labels[revisionLabel] === revision),
    // The template of istiod names its own revision, which is not a use of it.
    workloads: world.workloads.filter(
      ({ template: { labels } }) => labels[revisionLabel] === revision && labels['app'] !== 'istiod',
    ),
  };
}

/** The same as references. */
export function labelsAt(world: Pick<World, 'tags' | 'namespaces' | 'workloads'>, revision: Revision): Reference[] {
  const { namespaces, workloads } = namedBy(world, revision);
  return [
    ...namespaces.map(({ name }): Reference => ({ what: 'namespace label', name })),
    ...workloads.map(({ id, isGateway }): Reference => ({ what: isGateway ? 'gateway' : 'pod label', name: id })),
  ];
}

/**
 * Whether another tag's upgrade still needs the revision: it goes back to it, or on to it. One that waits for nothing but its removal was told to
 * remove it, so that two upgrades from one revision do not wait for each other.
 */
export const needs = ({ from, to, heldBy }: OtherUpgrade, revision: Revision): boolean =>
  to === revision || (from === revision && heldBy !== OldRevisionInUse.definition.code);

/** `prod (1-30-4 -> 1-31-0, waiting)` */
export const describeUpgrade = ({ tag, from, to, state }: OtherUpgrade): string =>
  `${tag} (${from} -> ${to}, ${state})`;

/** What to do about each kind of reference. */
const advice = {
  tag: (to) =>
    `Upgrade each other tag with its own config, or point it at ${to}: istioctl tag set TAG --revision ${to} --overwrite.`,
  validator: adviceForValidator,
  'namespace label': () => 'Label the namespaces with the tag instead of the revision, and restart their workloads.',
  'pod label': () => 'Replace the label istio.io/rev of the pod templates by the tag.',
  gateway: () => 'Replace the label istio.io/rev of the gateways by the tag (gateway chart: the value `revision`).',
  'live pod': () => 'Restart or remove the pods.',
  configuration: (to) =>
    `Only istiod of that revision reads the labelled configuration: remove its label istio.io/rev, or set it to ${to}.`,
  'connected proxy': () => 'Restart or remove the pods.',
  'proxy without a pod': (to) =>
    `Connect the proxies outside the cluster to istiod ${to} (virtual machine: a new bootstrap with its address; remote cluster: its discovery address).`,
  'unfinished upgrade': () => 'Finish the upgrades of the other tags, or roll them back.',
} as const satisfies Record<Reference['what'], (to: Revision) => string>;

/** One sentence for each kind of reference. */
export const adviceFor = (references: readonly Reference[], to: Revision): string =>
  [...new Set(references.map(({ what }) => advice[what](to))), 'Then run again.'].join(' ');
