import { type Plan, strategyOf } from '../model/plan.ts';
import { lastStep, type StepName, stepsOf } from '../model/procedure.ts';
import type { Stage } from '../model/stage.ts';
import { precheck } from './1-precheck.ts';
import { installControlPlane } from './2-install-control-plane.ts';
import { moveTag, proveTagBack } from './3-move-tag.ts';
import { upgradeGateways } from './4-upgrade-gateways.ts';
import { restartCanary } from './5-restart-canary.ts';
import { judgeCanary } from './6-judge-canary.ts';
import { restartWaves } from './7-restart-waves.ts';
import { removeOldRevision } from './8-remove-old-revision.ts';
import { labelCanary, restoreLabels } from './canary-first.ts';
import { restartBack } from './way-back.ts';

/** The stage of each step of the procedure: step N is file N. */
const stages = {
  precheck,
  'install-control-plane': installControlPlane,
  'move-tag': moveTag,
  'upgrade-gateways': upgradeGateways,
  'restart-canary': restartCanary,
  'judge-canary': judgeCanary,
  'restart-waves': restartWaves,
  'remove-old-revision': removeOldRevision,
} satisfies Record<StepName, Stage>;

/** With canary-first the tag moves only after the verdict on the canary, which has the new revision by labels until then. */
function stagesOf(plan: Ordered): readonly Stage[] {
  const strategy = strategyOf(plan);
  return stepsOf(strategy).flatMap((step) => [
    ...(step === 'restart-canary' && strategy === 'canary-first' ? [labelCanary] : []),
    // What was labelled by a plan before this one is put back as well.
    ...(step === 'remove-old-revision' && hasLabels(plan) ? [restoreLabels] : []),
    stages[step],
  ]);
}

type Ordered = Pick<Plan, 'strategy' | 'byLabel'>;

const hasLabels = ({ byLabel = [] }: Ordered): boolean => byLabel.length > 0;

/** The stages of the way forward from one step through another, both included. */
export function stagesFrom(plan: Ordered, first: StepName, last: StepName = lastStep): readonly Stage[] {
  const all = stagesOf(plan);
  return all.slice(
    all.findIndex(({ step }) => step === first),
    all.findLastIndex(({ step }) => step === last) + 1,
  );
}

/** After `moveTagBack`, which goes first and alone: labels, every restart, then the proof that new pods get the old sidecar. */
export const backAfterTag = (plan: Ordered): readonly Stage[] => [
  ...(hasLabels(plan) ? [restoreLabels] : []),
  restartBack,
  proveTagBack,
];
