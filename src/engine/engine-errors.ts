import { wayBetween } from '../model/downgrade.ts';
import type { Plan } from '../model/plan.ts';
import { defineError } from '../model/upgrade-error.ts';

export const JournalConflict = defineError({
  code: 'JOURNAL_CONFLICT',
  title: 'Another run writes the same journal.',
  cause:
    'Two runs work on the same tag, or a person or program edited the ConfigMap of the journal between two writes of this run.',
  message: (name: string) => `ConfigMap ${name} was changed by another client since this run read it.`,
  hint: 'Wait until the other run ends (`istio-canary-upgrade status` shows what it does), then run again.',
  actor: 'workflow author',
  state: 'The run stopped before its next change.',
  exit: 'held',
  blames: 'surroundings',
  whileWriting: 'stops the stage',
});

export const JournalUnreadable = defineError({
  code: 'JOURNAL_UNREADABLE',
  title: 'The journal in the cluster cannot be read.',
  cause: 'A newer release of this tool wrote the journal, or a person or program edited its ConfigMap.',
  message: (name: string, why: string) => `ConfigMap ${name} is not a journal of this version: ${why}.`,
  hint: 'If a newer release wrote it, use that release. Otherwise check which revision the tag points to, then delete the ConfigMap.',
  actor: 'mesh operator',
  state: 'Nothing was changed.',
  exit: 'blocked',
  blames: 'person',
  whileWriting: 'stops the stage',
});

export const OtherUpgradeUnfinished = defineError({
  code: 'OTHER_UPGRADE_UNFINISHED',
  title: 'Another upgrade of this tag is not finished.',
  cause: 'An earlier upgrade of the same tag, to another target, was held, interrupted or not run to its end.',
  message: (tag: string, theirs: string, ours: string, _isRemoving: boolean) =>
    `The journal of tag "${tag}" holds an unfinished upgrade ${theirs}; you ask for ${ours}.`,
  hint: (_tag: string, _theirs: string, _ours: string, isRemoving: boolean) =>
    isRemoving
      ? 'Run it to its end first, with its own target: the old istiod is being removed, so it cannot be rolled back any more.'
      : 'End it first: run it to its end with its own target, or roll it back with `istio-canary-upgrade rollback`.',
  remedy: 'End it first: run it to its end with its own target, or roll it back with `istio-canary-upgrade rollback`.',
  actor: 'mesh operator',
  state: 'Nothing was changed.',
  exit: 'blocked',
  blames: 'person',
});

export const PlanChanged = defineError({
  code: 'PLAN_CHANGED',
  title: 'The plan no longer fits the cluster or the config.',
  cause:
    'Since the plan was made, namespaces, workloads or the config have changed, so that the waves or the settings are no longer the same.',
  message: (wanted: string, now: string, differences: readonly string[]) =>
    `The plan was ${wanted}, and would now be ${now}: ${differences.join('; ') || 'its settings differ'}.`,
  hint: 'Look at `istio-canary-upgrade plan`. To continue with the new plan, add --replan.',
  actor: 'workflow author',
  state: 'This run changed nothing.',
  exit: 'blocked',
  blames: 'person',
});

const stopWriter =
  'Stop that writer until the upgrade is complete; most often it is a GitOps controller that prunes unknown objects.';

/** Not every writer can be stopped: an operator owns the pod template of what it made (knative/serving#14705). */
const unlessWaived = (workload: string | undefined): string =>
  workload === undefined
    ? 'Then run again.'
    : `If it cannot be stopped, because an operator owns the pod template, waive ${workload} in the config (\`waivers\`): it keeps the old proxy until that operator makes new pods. Then run again.`;

export const EffectWithoutResult = defineError({
  code: 'EFFECT_WITHOUT_RESULT',
  title: 'A change was applied but never took effect.',
  cause:
    'Another writer sets the objects back before this run sees its change, or istioctl declined silently and exited with 0.',
  message: (effect: string, times: number, _workload?: string) =>
    `We did it ${times} times (${effect}) and the cluster does not show it.`,
  hint: (_effect, _times, workload) =>
    `Look at the field managers of the objects: if another writer reverts the change, stop that writer. ${unlessWaived(workload)}`,
  remedy: `Look at the field managers of the objects: if another writer reverts the change, stop that writer. ${unlessWaived('the workload')}`,
  actor: 'mesh operator',
  state: 'The run stopped, and changes nothing more.',
  exit: 'held',
  blames: 'surroundings',
});

export const EffectUndone = defineError({
  code: 'EFFECT_UNDONE',
  title: 'A change was applied and then reverted by another writer.',
  cause: 'Another writer reverted the objects, most often a GitOps controller that prunes unknown objects.',
  message: (effect: string, managers: readonly string[], _workload?: string) =>
    `We did it (${effect}), saw it, and now it is undone${managers.length > 0 ? ` (field managers: ${managers.join(', ')})` : ''}.`,
  hint: (_effect, _managers, workload) => `${stopWriter} ${unlessWaived(workload)}`,
  remedy: `${stopWriter} ${unlessWaived('the workload')}`,
  actor: 'mesh operator',
  state: 'The run stopped, and does not apply the change again.',
  exit: 'held',
  blames: 'surroundings',
});

export const EffectFailed = defineError({
  code: 'EFFECT_FAILED',
  title: 'A change could not be made.',
  cause:
    'The API server refused a write, or istioctl ended with an error. This says nothing about the quality of the new revision.',
  message: (effect: string, why: string) => `We could not ${effect}: ${why}`,
  hint: 'Repair what the message names, then run again: the run resumes where it stopped.',
  actor: 'mesh operator',
  state: 'The run stopped, and changes nothing more.',
  exit: 'held',
  blames: 'surroundings',
  whileWriting: 'stops the stage',
});

export const NoUpgradeToRollBack = defineError({
  code: 'NO_UPGRADE_TO_ROLL_BACK',
  title: 'There is nothing to roll back.',
  cause: 'No journal exists for this tag, or its last upgrade is rolled back already.',
  /** @param rolledBack the last upgrade, `1-30-4 -> 1-31-0`, if there is a journal */
  message: (tag: string, rolledBack: string | undefined) =>
    rolledBack === undefined
      ? `The cluster holds no journal of tag "${tag}": this tool has made no upgrade of it, so that it is not known what to go back to.`
      : `The last upgrade of tag "${tag}", ${rolledBack}, is rolled back already.`,
  hint: 'Look at `istio-canary-upgrade status`. If another tag was upgraded, or istiod runs in another namespace, name it with --tag and --istio-namespace. To go to an older release than the one that runs, set it as target.version with target.allowDowngrade: true, and run `upgrade`.',
  actor: 'workflow author',
  state: 'Nothing was changed.',
  exit: 'blocked',
  blames: 'person',
});

export const TooLateToRollBack = defineError({
  code: 'TOO_LATE_TO_ROLL_BACK',
  title: 'The old revision is removed or is being removed.',
  cause:
    'Stage 8 has begun to remove the old istiod, or the upgrade is complete. A rollback needs the old istiod, so the way back is a downgrade by `upgrade`.',
  message: ({ from, to }: Plan, isComplete: boolean) =>
    isComplete
      ? `The upgrade ${from} -> ${to} is complete, and istiod ${from} is removed.`
      : `istiod ${from} was being removed when the run stopped; a rollback would leave pods without a control plane.`,
  hint: ({ versions }: Plan, isComplete: boolean) =>
    `${isComplete ? 'To go back: ' : 'Finish the upgrade with `upgrade`. To go back afterwards: '}${wayBetween({ from: versions.to, to: versions.from })}`,
  remedy:
    'Finish the upgrade with `upgrade`. To go back afterwards, set target.version to the release before and target.allowDowngrade: true, and run `upgrade`.',
  actor: 'mesh operator',
  state: 'The new control plane serves every proxy.',
  exit: 'blocked',
  blames: 'person',
});

export const NothingToRemove = defineError({
  code: 'NOTHING_TO_REMOVE',
  title: 'Only a revision that was rolled back can be removed this way.',
  cause: '`rollback --remove-new` was asked for, and the last run was not rolled back.',
  message: (state: string) => `The last run is ${state}, not rolled-back.`,
  hint: 'Roll the upgrade back first, with `rollback`.',
  actor: 'workflow author',
  state: 'Nothing was changed.',
  exit: 'blocked',
  blames: 'person',
});

export const IstioctlTooOld = defineError({
  code: 'ISTIOCTL_TOO_OLD',
  title: 'The removal of a revision needs istioctl of its release or a newer one.',
  cause: '`rollback --remove-new` needs the istioctl of the release that it removes, and found an older one.',
  message: (version: string, atLeast: string) =>
    `istioctl is ${version}; the revision was installed by ${atLeast}, and an older one may leave parts of it behind.`,
  hint: (_version: string, atLeast: string) => `Give istioctl ${atLeast} with --istioctl PATH.`,
  actor: 'workflow author',
  state: 'This run changed nothing.',
  exit: 'blocked',
  blames: 'person',
  remedy: 'Give the istioctl of that release with --istioctl PATH.',
});
