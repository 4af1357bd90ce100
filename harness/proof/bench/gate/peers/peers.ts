import { argoRollouts } from './argo-rollouts.ts';
import { flagger } from './flagger.ts';
import { kayenta } from './kayenta.ts';
import type { Peer } from './peer.ts';
import { pipecd } from './pipecd.ts';

/** The peers as their documents set them up, each by the heading of its column. */
export const peers = {
  'Flagger, threshold 5': flagger(5),
  'Flagger, threshold 1': flagger(1),
  'Argo Rollouts': argoRollouts,
  Kayenta: kayenta,
  PipeCD: pipecd,
} as const satisfies Readonly<Record<string, Peer>>;

export type PeerName = keyof typeof peers;
