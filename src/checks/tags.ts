import { type Finding, problem, warning } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { TagObject, World } from '../model/world.ts';

/** Managers that put their own version of an object back when we change it. */
const gitOpsManagers = /argocd|argo-cd|flux|kustomize-controller|helm-controller|sail|fleet/i;

/** The tag exists, is whole, and names one of the two revisions; nobody else would write it back. */
export function checkTags(
  { tags, controlPlanes }: Pick<World, 'tags' | 'controlPlanes'>,
  plan: Plan,
): readonly Finding[] {
  const { tag, to } = plan;
  const objects = tags.get(tag) ?? [];
  // A Service without its webhook, as a hand leaves it, injects nobody.
  if (!objects.some(({ kind }) => kind === 'webhook')) {
    const running = [...controlPlanes.keys()];
    return [
      problem(
        'TAG_MISSING',
        `There is no revision tag "${tag}".`,
        `Make it point at the revision that runs now: istioctl tag set ${tag} --revision ${running[0] ?? 'REVISION'}`,
        [...tags.keys()].filter((name) => name !== tag).map((name) => `tag ${name}`),
      ),
    ];
  }
  return [
    ...checkDefaultTag(tags),
    ...checkPointers(objects, plan),
    ...checkNames(plan, objects, controlPlanes),
    ...checkOwners(objects, tag),
    ...(tags.has(to)
      ? [
          problem(
            'REVISION_IS_A_TAG',
            `"${to}" is the name of a revision tag, so it cannot be a revision.`,
            'Choose another target.revision.',
          ),
        ]
      : []),
  ];
}

/** Without this object `install` takes the default by itself and moves the whole mesh in stage 2. */
function checkDefaultTag(tags: World['tags']): readonly Finding[] {
  if ((tags.get('default') ?? []).some(({ kind }) => kind === 'webhook')) return [];
  return [
    problem(
      'DEFAULT_TAG_MISSING',
      'There is no revision tag "default"; istioctl install would then make the new revision the default at once.',
      'Make it point at the revision that runs now: istioctl tag set default --revision REVISION',
    ),
  ];
}

function checkPointers(objects: readonly TagObject[], { tag, from, to }: Plan): readonly Finding[] {
  const foreign = objects.filter(({ revision }) => revision !== from && revision !== to);
  if (foreign.length > 0)
    return [
      problem(
        'TAG_SPLIT',
        `Tag "${tag}" names more than one revision: ${objects.map(({ kind, revision }) => `its ${kind} ${revision ?? 'nothing'}`).join(', ')}.`,
        `Put it in order with one command: istioctl tag set ${tag} --revision ${from} --overwrite`,
        foreign.map(({ name }) => name),
      ),
    ];
  return [];
}

function checkNames(
  { from, to }: Plan,
  objects: readonly TagObject[],
  controlPlanes: World['controlPlanes'],
): readonly Finding[] {
  const findings: Finding[] = [];
  if (to === 'default')
    findings.push(
      problem(
        'REVISION_NAMED_DEFAULT',
        'A revision named "default" would take over the default tag (istio/istio#48643).',
        'Leave target.revision out: it is the version with dashes.',
      ),
    );
  // Behind stage 8 the tag names the target, and the old istiod is gone on purpose.
  const isNamed = objects.some(({ revision }) => revision?.split('+').includes(from) === true);
  if (isNamed && controlPlanes.get(from)?.deployment === undefined)
    findings.push(
      problem(
        'TAG_REVISION_UNKNOWN',
        `The tag names ${from}, but no istiod of that revision is installed.`,
        'Point the tag at an installed revision before an upgrade.',
        [...controlPlanes.keys()],
      ),
    );
  return findings;
}

function checkOwners(objects: readonly TagObject[], tag: string): readonly Finding[] {
  const owned = objects.filter(({ managers }) => managers.some((manager) => gitOpsManagers.test(manager)));
  if (owned.length === 0) return [];
  const managers = [
    ...new Set(owned.flatMap(({ managers: all }) => all.filter((manager) => gitOpsManagers.test(manager)))),
  ];
  return [
    warning(
      'TAG_OWNED_BY_GITOPS',
      `${managers.join(', ')} writes tag "${tag}" too and may put it back.`,
      'Suspend it for the tag during the upgrade, and change its source afterwards.',
      owned.map(({ name }) => name),
    ),
  ];
}
