import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { notAsked, type World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';
import { isOfImage, podDifferences } from './pod-differences.ts';

const PodChanges = defineFinding({
  code: 'POD_CHANGES',
  severity: 'notes',
  title: 'What the new sidecar changes in the pods.',
  cause:
    'The injection templates, their values or the images of the two revisions differ. One pod of each class (the same injector, webhooks and policies) was made with the sidecar of either revision by a dry run, and the two were compared.',
  fix: 'Read the list. A pod that asks for more may not fit into a quota or on a node.',
  blames: 'person',
});

const PodChangesUnknown = defineFinding({
  code: 'POD_CHANGES_UNKNOWN',
  severity: 'notes',
  title: 'What the new sidecar changes in some pods is not known.',
  cause:
    'A dry-run pod was refused with the sidecar of one of the revisions, or istioctl could not render the new one.',
  fix: 'Do nothing, or look at what the message names.',
  blames: 'surroundings',
});

const finds = [PodChanges, PodChangesUnknown] as const;

export const podChanges = defineCheck({ looksAt: ['podChanges'], finds, find: podChangeFindings });

/** One finding for all classes in whose pods the same things change. Another image alone is what an upgrade is for. */
export function podChangeFindings(
  { podChanges: changes }: Pick<World, 'podChanges'>,
  { from, to }: Pick<Plan, 'from' | 'to'>,
): readonly FindingOf<typeof finds>[] {
  if (changes === notAsked) return [];
  const told = changes.map(({ workload, others, pods, toIs }) => ({
    workload,
    others,
    toIs,
    ...('unknown' in pods ? pods : { differences: podDifferences(pods.from, pods.to) }),
  }));
  return [...Map.groupBy(told, ({ workload: _, others: _others, ...what }) => JSON.stringify(what)).values()].flatMap(
    (alike) => {
      const [first] = alike as [(typeof told)[number]];
      const workloads = alike.map(({ workload }) => workload);
      const others = alike.reduce((sum, each) => sum + each.others + 1, 0) - 1;
      const whose = `the pods of ${first.workload}${others === 0 ? '' : ` and ${others} ${others === 1 ? 'other' : 'others'} like it`}`;
      if ('unknown' in first)
        return PodChangesUnknown.of(
          `What the sidecar of ${to} changes in ${whose} is not known: ${first.unknown}`,
          workloads,
        );
      if (first.differences.every(isOfImage)) return [];
      const would = first.toIs === 'rendered' ? 'would change' : 'changes';
      return PodChanges.of(
        `From ${from} to ${to} this ${would} in ${whose}: ${first.differences.join('; ')}.`,
        workloads,
      );
    },
  );
}
