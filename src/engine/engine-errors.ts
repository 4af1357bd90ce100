import { defineError } from '../model/upgrade-error.ts';

export const JournalConflict = defineError({
  code: 'JOURNAL_CONFLICT',
  title: 'Another run writes the same journal.',
  message: (name: string) => `ConfigMap ${name} was changed by somebody else since we read it.`,
  hint: 'Let the other run end. `istio-canary-upgrade status` says what it does. Then run again.',
  actor: 'workflow author',
  state: 'We stopped before the next change. Both control planes run.',
});

export const JournalUnreadable = defineError({
  code: 'JOURNAL_UNREADABLE',
  title: 'The journal in the cluster cannot be read.',
  message: (name: string, why: string) => `ConfigMap ${name} is not a journal of this version: ${why}.`,
  hint: 'A newer release wrote it, or somebody edited it. Use that release, or look at the tag yourself and delete the ConfigMap.',
  actor: 'mesh operator',
  state: 'We touched nothing.',
});

export const OtherUpgradeUnfinished = defineError({
  code: 'OTHER_UPGRADE_UNFINISHED',
  title: 'Another upgrade of this tag is not finished.',
  message: (tag: string, theirs: string, ours: string) =>
    `The journal of tag "${tag}" holds an unfinished upgrade ${theirs}; you ask for ${ours}.`,
  hint: 'End it first: run it to its end with its own target, or take it back with `istio-canary-upgrade rollback`.',
  actor: 'mesh operator',
  state: 'We touched nothing.',
});

export const ClusterDiffers = defineError({
  code: 'CLUSTER_DIFFERS',
  title: 'This is another cluster than the one the journal was written in.',
  message: (journal: string, here: string) =>
    `The journal names cluster ${journal}; the UID of kube-system here is ${here}.`,
  hint: 'A restored backup brings its journal along. Check --kubeconfig and --context; if this is the right cluster, delete the ConfigMap.',
  actor: 'mesh operator',
  state: 'We touched nothing.',
});

export const PlanChanged = defineError({
  code: 'PLAN_CHANGED',
  title: 'The plan no longer fits the cluster or the config.',
  message: (wanted: string, now: string, differences: readonly string[]) =>
    `The plan was ${wanted}, and would now be ${now}: ${differences.join('; ') || 'its settings differ'}.`,
  hint: 'Look at `istio-canary-upgrade plan`. To go on with the new plan add --replan.',
  actor: 'workflow author',
  state: 'We touched nothing in this run.',
});

export const EffectWithoutResult = defineError({
  code: 'EFFECT_WITHOUT_RESULT',
  title: 'A change was made and did not come about.',
  message: (effect: string, times: number) => `We did it ${times} times (${effect}) and the cluster does not show it.`,
  hint: 'Somebody puts it back, or the tool declined it silently. Look at the field managers of the objects, then run again.',
  actor: 'mesh operator',
  state: 'Both control planes run.',
});

export const EffectUndone = defineError({
  code: 'EFFECT_UNDONE',
  title: 'A change was made, seen, and taken back by somebody else.',
  message: (effect: string, managers: readonly string[]) =>
    `We did it (${effect}), saw it, and now it is undone${managers.length > 0 ? ` (field managers: ${managers.join(', ')})` : ''}.`,
  hint: 'Stop that writer for as long as the upgrade takes, most often GitOps that prunes what it does not know, then run again.',
  actor: 'mesh operator',
  state: 'Both control planes run. We do not join the fight.',
});

export const EffectFailed = defineError({
  code: 'EFFECT_FAILED',
  title: 'A change could not be made.',
  message: (effect: string, why: string) => `We could not ${effect}: ${why}`,
  hint: 'Repair what the message names, then run again: the run goes on where it stopped.',
  actor: 'mesh operator',
  state: 'Both control planes run.',
});

export const NoUpgradeToRollBack = defineError({
  code: 'NO_UPGRADE_TO_ROLL_BACK',
  title: 'There is nothing to take back.',
  message: (tag: string) =>
    `No upgrade of tag "${tag}" is under way or complete: none was made with this tool, or the last one is taken back already.`,
  hint: 'Look at `istio-canary-upgrade status`.',
  actor: 'workflow author',
  state: 'We touched nothing.',
});

export const TooLateToRollBack = defineError({
  code: 'TOO_LATE_TO_ROLL_BACK',
  title: 'The old revision is gone or going.',
  message: (from: string) =>
    `istiod ${from} was being removed when the run stopped; going back would leave pods without a control plane.`,
  hint: 'Finish the upgrade with `upgrade`. To return, make an upgrade to the old version.',
  actor: 'mesh operator',
  state: 'The new control plane serves every proxy.',
});

export const NothingToRemove = defineError({
  code: 'NOTHING_TO_REMOVE',
  title: 'Only a revision that was taken back can be removed this way.',
  message: (state: string) => `The last run is ${state}, not rolled-back.`,
  hint: 'Take the upgrade back first, with `rollback`.',
  actor: 'workflow author',
  state: 'We touched nothing.',
});

export const IstioctlTooOld = defineError({
  code: 'ISTIOCTL_TOO_OLD',
  title: 'To remove the newer revision takes the newer istioctl.',
  message: (version: string, atLeast: string) =>
    `istioctl is ${version}; the revision was installed by ${atLeast}, and an older one may leave parts of it behind.`,
  hint: (_version: string, atLeast: string) => `Give istioctl ${atLeast} with --istioctl PATH.`,
  actor: 'workflow author',
  state: 'We touched nothing in this run.',
});
