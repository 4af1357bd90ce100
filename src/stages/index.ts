import type { Stage } from '../model/stage.ts';
import { precheck } from './1-precheck.ts';
import { installControlPlane } from './2-install-control-plane.ts';
import { moveTag, moveTagBack } from './3-move-tag.ts';
import { upgradeGateways } from './4-upgrade-gateways.ts';
import { restartCanary } from './5-restart-canary.ts';
import { judgeCanary } from './6-judge-canary.ts';
import { restartWaves } from './7-restart-waves.ts';
import { removeOldRevision } from './8-remove-old-revision.ts';

/** The procedure: stage N of the seed is file N. */
export const forward: readonly Stage[] = [
  precheck,
  installControlPlane,
  moveTag,
  upgradeGateways,
  restartCanary,
  judgeCanary,
  restartWaves,
  removeOldRevision,
];

/** The same street walked back: the tag at once, before anything else; then what runs the other revision. */
export const back: readonly Stage[] = [moveTagBack, moveTag, upgradeGateways, restartCanary, restartWaves];
