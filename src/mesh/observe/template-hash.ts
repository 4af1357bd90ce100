import { createHash } from 'node:crypto';
import type { PodTemplate } from '../../ports/objects.ts';
import { tokenAnnotation } from '../../workloads/template-restart.ts';

/** Annotations that a restart changes, ours or that of `kubectl rollout restart`: the pods stay what they were. */
const ofRestarts: ReadonlySet<string> = new Set([tokenAnnotation, 'kubectl.kubernetes.io/restartedAt']);

/**
 * What a pod template says, but for restarts, as eight hexadecimal digits. Two templates with different hashes differ.
 * A template that `workloadShape` has shortened keeps the hash of the whole.
 */
export function templateHash({ hash, metadata, spec }: PodTemplate): string {
  if (hash !== undefined) return hash;
  const annotations = Object.entries(metadata?.annotations ?? {}).filter(([key]) => !ofRestarts.has(key));
  const text = JSON.stringify({ annotations: annotations.sort(), labels: metadata?.labels ?? {}, spec });
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
