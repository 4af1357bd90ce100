import { isBefore, lastStep, procedure, type StepName } from '../model/procedure.ts';
import type { Stage } from '../model/stage.ts';
import { precheck } from './1-precheck.ts';
import { installControlPlane } from './2-install-control-plane.ts';
import { moveTag, proveTagBack } from './3-move-tag.ts';
import { upgradeGateways } from './4-upgrade-gateways.ts';
import { restartCanary } from './5-restart-canary.ts';
import { judgeCanary } from './6-judge-canary.ts';
import { restartWaves } from './7-restart-waves.ts';
import { removeOldRevision } from './8-remove-old-revision.ts';
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

/** The stages of the way forward from one step through another, both included. */
export function stagesFrom(first: StepName, last: StepName = lastStep): readonly Stage[] {
  return procedure
    .filter(({ name }) => !isBefore(name, first) && !isBefore(last, name))
    .map(({ name }) => stages[name]);
}

/** After `moveTagBack`, which goes first and alone: every restart, then the proof that new pods get the old sidecar. */
export const backAfterTag: readonly Stage[] = [restartBack, proveTagBack];
