import type { WavePhase } from './wave-phases.ts';

/** The most bars that are readable; the report has them all. */
const phasesMax = 60;

/**
 * The waves of a run as a chart that GitHub draws from Mermaid. The table of waves contains the same in words, for readers and
 * servers without pictures. Empty when no wave was begun.
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

/** Colons, commas, semicolons and hashes have a meaning in Mermaid; valid names of waves contain none of them, but the names come from the cluster. */
const word = (name: string): string => name.replaceAll(/[^\w-]/g, '_').slice(0, 63);
