import type { Awaited } from '../model/awaited.ts';
import { describeOwner, type Owner, type OwnerKind } from '../model/owner.ts';
import type { Plan } from '../model/plan.ts';
import type { Revision } from '../model/revision.ts';
import { settingsOf } from '../model/values.ts';
import { isSecret } from './setting-text.ts';
import { release } from './tag-hand-over.ts';

/** istioctl does nothing unless a person or a program starts it. */
export const describeOther = (owner: Owner | undefined): string =>
  owner === undefined || owner.by === 'istioctl' ? 'another tool or a person' : describeOwner(owner);

/** @param owner of the old istiod, whose tool is to install the new one as well */
export function awaitedInstall(owner: Owner | undefined, plan: Plan): Awaited {
  const { from, to, versions } = plan;
  return {
    what: `istiod ${to} of Istio ${versions.to} runs beside ${from}, and no tag or label names it`,
    owner: describeOther(owner),
    change: [
      ...(owner === undefined ? [] : [`For example: ${installs[owner.by](owner, to, versions.to)}`]),
      ...changedValues(plan),
    ],
  };
}

/** @param owner of the old istiod */
export function awaitedRemoval(owner: Owner | undefined, { from }: Plan): Awaited {
  return {
    what: `istiod ${from} is removed, and the objects of the revision tags stay`,
    owner: describeOther(owner),
    change: [removalAdvice(owner, from)],
  };
}

/** At the end of a removal, which may be under way. */
export const awaitedRest = (from: Revision, left: readonly string[]): Awaited => ({
  what: `the rest of istiod ${from} is removed`,
  owner: describeOther(undefined),
  change: left.map((object) => `remove ${object}`),
});

const settingsShown = 30;

/** The values of the new revision, told as what differs from those of the old one. */
function changedValues({ from, to, versions, install }: Plan): readonly string[] {
  const given = [...settingsOf(install.carried ?? {})].map(
    ([path, value]) => `  ${path}: ${isSecret(path) ? '(its value is not shown)' : value}`,
  );
  const others = [
    ...(install.valuesFiles ?? []).map((file) => `+ the values of ${file}`),
    ...install.set.map((pair) => `+ ${pair}`),
  ];
  return [
    `Values of istiod ${to}, against those of ${from}:`,
    `- revision: ${from}, + revision: ${to}`,
    `- version of the chart and of the images: ${versions.from}, + ${versions.to}`,
    '- revisionTags, - defaultRevision',
    ...others,
    ...(given.length === 0 ? [] : ['Kept as they are:', ...given.slice(0, settingsShown)]),
    ...(given.length > settingsShown ? [`  and ${given.length - settingsShown} more (ConfigMap values-${from})`] : []),
  ];
}

/** The values of the old revision without `revisionTags`: Helm refuses to create a tag that another release has. */
const values = 'the values of the old revision without revisionTags';

export const installs = {
  helm: ({ namespace = 'istio-system' }, to, version) =>
    `upgrade the chart base to ${version}, then helm install istiod-${to} istio/istiod -n ${namespace} --version ${version} --set revision=${to}, with ${values}`,
  'argo-cd': (_owner, to, version) =>
    `an Application for revision ${to} with the chart istiod ${version} and ${values}`,
  'flux-kustomization': (_owner, to, version) =>
    `commit revision ${to} of Istio ${version} beside the old one, with ${values}`,
  'flux-helm-release': (_owner, to, version) =>
    `a HelmRelease for revision ${to} with the chart istiod ${version} and ${values}`,
  operator: (_owner, to, version) => `a resource of the operator for revision ${to} of Istio ${version}`,
  istioctl: (_owner, to) => `istioctl install --set profile=minimal --revision ${to}`,
} as const satisfies Record<OwnerKind, (owner: Owner, to: Revision, version: string) => string>;

/** What may be said once it is known that no tag goes with the old istiod. */
export function removalAdvice(owner: Owner | undefined, from: Revision): string {
  if (owner?.by === 'helm') return `Remove it by Helm: \`helm uninstall ${release(owner)}\`.`;
  if (owner?.by === 'istioctl') return `Remove it: \`istioctl uninstall --revision ${from}\`.`;
  if (owner !== undefined) return `Remove istiod ${from} through ${describeOwner(owner)}.`;
  return `Remove istiod ${from} with the tool that installed it, and nothing else: the objects of the revision tags stay.`;
}
