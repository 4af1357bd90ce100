import { DefaultTagMissing } from '../checks/tags.ts';
import { controlPlaneLost } from '../mesh/disturbances.ts';
import { leavesDefinitions } from '../mesh/leaves-definitions.ts';
import { pointsTo } from '../mesh/tag-strays.ts';
import { cannotInject, unready } from '../mesh/unready.ts';
import { defineFinding } from '../model/finding.ts';
import type { ManifestObject } from '../model/manifest-object.ts';
import { revisionSuffix } from '../model/revision.ts';
import { defineStage } from '../model/stage.ts';

export const InstallTouchesMore = defineFinding({
  code: 'INSTALL_TOUCHES_MORE',
  severity: 'blocks',
  title: 'The install would write workloads or namespaces other than the new istiod.',
  cause: 'The profile or the files of target.install contain gateways, CNI, ztunnel or another namespace.',
  fix: 'Use the profile minimal, and remove these parts from the files of target.install: they would overwrite the live gateway (istio/istio#41762).',
  // Decides as it did when any failure led back; whose failure it is, evidence will have to tell.
  blames: 'release',
});

/** Stage 2: the new istiod runs beside the old one and nothing else changes; no pod uses it yet. */
export const installControlPlane = defineStage({
  step: 'install-control-plane',
  looksAt: ['controlPlanes', 'tags', 'manifest', 'definitions', 'now'],
  requires: ({ tags, manifest }, { to, istioNamespace }) => [
    // Without it, install takes the default by itself and flips the whole mesh here.
    ...((tags.get('default') ?? []).some(({ kind }) => kind === 'webhook')
      ? []
      : [
          DefaultTagMissing.of(
            'There is no revision tag "default"; install would make the new revision the default at once.',
            [],
            'Make it: istioctl tag set default --revision REVISION',
          ),
        ]),
    ...intruders(manifest, to, istioNamespace).map(({ kind, name, namespace }) =>
      InstallTouchesMore.of(
        `The install would also write ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}.`,
        [`${kind}/${name}`],
      ),
    ),
  ],
  // Once the Deployment is there it is never installed again: a second run prunes gateways of the same revision.
  effects: (world, plan) =>
    world.controlPlanes.get(plan.to)?.deployment === undefined
      ? [{ kind: 'install', revision: plan.to, ...(leavesDefinitions(world, plan) ? { leavesDefinitions: true } : {}) }]
      : [],
  // A run that resumes finds the tag moved already: then one ready replica is enough, and an istiod that stays away leads back.
  missing: ({ controlPlanes, tags }, { to, tag }) =>
    (pointsTo(tags, tag, to) ? cannotInject : unready)(controlPlanes.get(to), to),
  broken: (world, plan) => (pointsTo(world.tags, plan.tag, plan.to) ? controlPlaneLost(world, plan) : []),
  proof: ({ controlPlanes, tags }, { to, tag }) => {
    const named = tags.get(tag)?.[0]?.revision ?? 'nothing';
    // A run that goes on finds it moved already.
    const names = named === to ? 'points to' : 'still points to';
    return `${controlPlanes.get(to)?.deployment?.ready ?? 0} ready; tag ${tag} ${names} ${named}`;
  },
});

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
