import { describeAmount } from '../../../src/checks/surge/quantity.ts';
import { elapsed } from '../../../src/report/render-event.ts';
import type { Prediction } from './predict.ts';

/** What would happen, for a person: order and times, room, what would be stuck, what the gate could see, the end. */
export function renderPrediction(prediction: Prediction): readonly string[] {
  const { from, to, release, outcome, durationMs, stages, waves, surge, stuck, sight, findings, end, assumptions } =
    prediction;
  return [
    `Prediction: Istio ${from} -> ${to}, release ${release}: ${outcome} after ${elapsed(durationMs)}`,
    ...section(
      'Stages',
      stages,
      ({ number, name, durationMs: took, done }) => `${done ? '✔' : '✘'} ${number} ${name.padEnd(23)} ${elapsed(took)}`,
    ),
    ...section(
      'Waves, in order',
      waves,
      ({ name, namespaces, restartMs, bakeMs, verdict }) =>
        `${name.padEnd(12)} ${namespaces.length} namespaces, restart ${elapsed(restartMs)}, bake ${elapsed(bakeMs)}: ${verdict}`,
    ),
    ...section(
      'Room beside the old pods',
      surge,
      ({ part, pods, needs, fits }) =>
        `${part.padEnd(12)} ${pods} pods, ${describeAmount('cpu', needs.cpu)}, ${describeAmount('memory', needs.memory)}: ${fits === null ? 'unknown' : fits ? 'fits' : 'does not fit'}`,
    ),
    ...section('Would be stuck', stuck, ({ what, why, waived }) => `${what}: ${why}${waived ? ' (waived)' : ''}`),
    ...section(
      'What the gate sees in a bake',
      sight,
      ({ wave, requests, silent }) =>
        `${wave.padEnd(12)} ${requests} requests${silent.length === 0 ? '' : `; nothing of ${silent.length} namespaces: ${silent.slice(0, 5).join(', ')}`}`,
    ),
    ...section('Findings', findings, ({ severity, code, message }) => `${severity} ${code}: ${message}`),
    ...section('At the end', Object.entries(end.podsByRevision), ([revision, pods]) => `${pods} pods on ${revision}`),
    `  control planes: ${end.controlPlanes.join(', ')}`,
    ...section('Assumed', assumptions, (text) => text),
  ];
}

function section<T>(title: string, rows: readonly T[], line: (row: T) => string): string[] {
  return rows.length === 0 ? [] : ['', title, ...rows.map((row) => `  ${line(row)}`)];
}
