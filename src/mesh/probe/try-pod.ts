import type { PodAnswer } from '../../model/world.ts';
import { Pods } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { Pod } from '../../ports/objects.ts';
import { revisionOfPod } from '../observe/pod-facts.ts';
import { readAnswer } from './read-answer.ts';

/** What the API server answers to a dry-run pod, and the pod as it would be stored. */
export interface Tried {
  answer: PodAnswer;
  /** Absent when it is refused. */
  pod?: Pod;
}

/** Asks the API server by a dry run: all admission runs, nothing is created. */
export async function tryPod(cluster: Cluster, pod: Pod): Promise<Tried> {
  const tried = await cluster.tryCreate<Pod>(Pods, pod);
  if ('refused' in tried) return { answer: readAnswer(tried.refused) };
  return { answer: { revision: revisionOfPod(tried.stored) }, pod: tried.stored };
}
