import type { Finding } from '../model/finding.ts';
import { notAsked, type World } from '../model/world.ts';
import { renderFinding } from './render-event.ts';

/** What changes in the pods, for a plan; also that nothing but the image does. */
export function renderPodChanges(compared: World['podChanges'], findings: readonly Finding[]): readonly string[] {
  if (findings.length > 0) return findings.flatMap(renderFinding);
  return compared === notAsked || compared.length === 0
    ? []
    : ['pods: the new sidecar differs from the old one in its image alone'];
}
