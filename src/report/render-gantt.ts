import type { WavePhase } from './wave-phases.ts';

/** More bars nobody can read; the report has them all. */
const phasesMax = 60;

/**
 * The waves of a run as a picture that GitHub draws from Mermaid. It says nothing that the table of waves does not say in
 * words, for readers and servers without pictures. Empty when no wave was begun.
 */
export function renderGantt(phases: readonly WavePhase[]): string {
  if (phases.length === 0) return '';
  const shown = phases.slice(-phasesMax);
  const waves = [...new Set(shown.map(({ wave }) => wave))];
  return [
    '```mermaid',
    'gantt',
    '  dateFormat x',
    '  axisFormat %H:%M:%S',
    ...waves.flatMap((wave) => [
      `  section wave ${word(wave)}`,
      ...shown.filter((each) => each.wave === wave).map(bar),
    ]),
    '```',
  ].join('\n');
}

function bar({ phase, startedAt, durationMs, verdict }: WavePhase): string {
  const name = phase === 'restart' ? 'restart' : `bake${verdict === undefined ? '' : ` ${word(verdict)}`}`;
  // `crit` is red, `active` is bright, `done` is pale.
  const mark = verdict === 'fail' || verdict === 'inconclusive' ? 'crit' : phase === 'bake' ? 'active' : 'done';
  return `    ${name} :${mark}, ${Math.round(startedAt)}, ${Math.round(startedAt + Math.max(1, durationMs))}`;
}

/** Colons, commas, semicolons and hashes have a meaning in Mermaid; names of waves have none of them, but come from the cluster. */
const word = (name: string): string => name.replaceAll(/[^\w-]/g, '_').slice(0, 63);
