import type { Checked } from '../model/checked.ts';
import { isProblem } from '../model/finding.ts';
import { onlyObserves } from '../model/gate-settings.ts';
import { renderFinding } from './render-event.ts';
import { renderSight } from './render-sight.ts';

/** One sentence, without a mark. */
export function checkVerdict({ plan, hash, findings, workloads, dryRunPods }: Checked): string {
  const blocking = findings.filter(isProblem).length;
  const step = `${plan.versions.from || 'nothing'} -> ${plan.versions.to}`;
  return blocking > 0
    ? `${blocking} ${blocking === 1 ? 'finding blocks' : 'findings block'} the upgrade ${step}; nothing was changed.`
    : `${step} can begin: ${workloads} workloads looked at, ${dryRunPods} dry-run pods injected, ${onlyObserves(plan) ? 'the gate only observes' : 'every gate query answers'}. Plan ${hash}.`;
}

/** The verdict of `check` first, then each finding with what to do. */
export function renderCheck(checked: Checked): readonly string[] {
  return [
    `${checked.blocked ? '✘' : '✔'} ${checkVerdict(checked)}`,
    ...checked.findings.flatMap(renderFinding),
    ...renderSight(checked.sight, checked.plan.gate),
  ];
}
