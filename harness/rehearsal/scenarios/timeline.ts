import { elapsed } from '../../../src/report/render-event.ts';
import type { RunReport } from '../../../src/report/run-report.ts';

/** One run as a person wants to remember it: a line for each stage, the pods by revision after it, and the time of the mesh. */
export function timeline(report: RunReport): readonly string[] {
  const { stages, cost, startedAt, durationMs, outcome, verdicts } = report;
  const rows = stages.map(({ number, name, direction, startedAt: began, durationMs: took, done, proof, waitedFor }) => {
    const end = began + took;
    const verdict = verdicts.findLast(({ at }) => at >= began && at <= end);
    const without =
      verdict !== undefined && !done ? `${verdict.wave}: ${verdict.verdict}: ${verdict.reason}` : waitedFor;
    const mark = done ? (direction === 'back' ? '↩' : '✔') : '✘';
    const text = done ? proof : (without ?? 'not done');
    return `${elapsed(end - startedAt).padStart(8)}  ${mark} ${number} ${name.padEnd(23)} ${podsAt(report, end).padEnd(24)} ${text}`;
  });
  const costs = [
    cost.failToTagBackMs === null ? undefined : `the tag was back ${cost.failToTagBackMs} ms after the verdict`,
    cost.requestsPerRestart === null
      ? undefined
      : `${cost.restartedWorkloads} workloads restarted, ${cost.requestsPerRestartWhileRestarting} requests each while restarting, ${cost.requestsPerRestart} over the whole run`,
  ].filter((text) => text !== undefined);
  return [
    `Timeline: ${outcome?.kind ?? 'not ended'} after ${elapsed(durationMs)} of the mesh's time`,
    ...rows,
    ...costs.map((text) => `          ${text}`),
  ];
}

/** `11 on 1-30-4, 2 on 1-31-0`, as the last look until then saw them. */
function podsAt({ samples }: RunReport, at: number): string {
  const seen = samples?.pods.findLast((sample) => sample.at <= at)?.pods ?? {};
  return Object.entries(seen)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([revision, count]) => `${count} on ${revision}`)
    .join(', ');
}
