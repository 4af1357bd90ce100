import { killed } from './f1-killed.ts';
import { partition } from './f2-partition.ts';
import { failingRequests } from './f3-failing-requests.ts';
import { watches } from './f4-watches.ts';
import { stale } from './f5-stale-lists.ts';
import { prometheus } from './f6-prometheus.ts';
import { foreignHand } from './f7-foreign-writer.ts';
import { brokenPods } from './f8-pods.ts';
import { brokenIstiod } from './f9-istiod.ts';
import { regression } from './f10-regression.ts';
import { replicas } from './f11-replicas.ts';
import { nodeLoss } from './f12-node-loss.ts';
import { clockSkew } from './f13-clock-skew.ts';
import { secondRun } from './f14-second-run.ts';
import { innocentWorkloads } from './f15-innocent-workloads.ts';
import { refusals } from './f16-refusals.ts';
import { apiServerAway } from './f17-api-server-away.ts';
import { nodeSilent } from './f18-node-silent.ts';
import type { Draw, TroubleKind } from './trouble.ts';

export const draws: Readonly<Record<TroubleKind, Draw>> = {
  F1: killed,
  F2: partition,
  F3: failingRequests,
  F4: watches,
  F5: stale,
  F6: prometheus,
  F7: foreignHand,
  F8: brokenPods,
  F9: brokenIstiod,
  F10: regression,
  F11: replicas,
  F12: nodeLoss,
  F13: clockSkew,
  F14: secondRun,
  F15: innocentWorkloads,
  F16: refusals,
  F17: apiServerAway,
  F18: nodeSilent,
};

export const titles: Readonly<Record<TroubleKind, string>> = {
  F1: 'killed or interrupted',
  F2: 'partition',
  F3: '4xx, 5xx, timeouts',
  F4: 'watch events lost, doubled, 410',
  F5: 'stale lists',
  F6: 'Prometheus',
  F7: 'foreign writer',
  F8: 'pods do not get ready',
  F9: 'istiod does not work',
  F10: 'regression',
  F11: 'replicas change',
  F12: 'node loss',
  F13: 'clock skew',
  F14: 'second run',
  F15: 'applications fail',
  F16: 'pods are refused',
  F17: 'API server away',
  F18: 'node does not report',
};
