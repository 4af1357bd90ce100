import { numberOf } from '../../model/procedure.ts';
import type { RunReport } from '../run-report.ts';
import type { Mark } from './plot.ts';

export function verdictMark({ wave, verdict, at }: RunReport['verdicts'][number]): Mark & { wave: string } {
  const passed = verdict === 'pass';
  return { wave, at, label: `${passed ? '✔' : '✘'} ${wave}: ${verdict}`, tone: passed ? 'good' : 'bad' };
}

/** The most important mark comes first, and keeps its label where there is not room for all. */
export function turningPoints({ verdicts, stages }: RunReport): readonly Mark[] {
  const judged = verdicts.map(verdictMark);
  const moved = (['back', 'forward'] as const).flatMap((direction): Mark[] => {
    const stage = stages.find(
      (each) => each.number === numberOf('move-tag') && each.direction === direction && each.done,
    );
    if (stage === undefined) return [];
    const at = stage.startedAt + stage.durationMs;
    return [
      direction === 'back'
        ? { at, label: '↩ tag moved back', tone: 'back' }
        : { at, label: 'tag moved', tone: 'neutral' },
    ];
  });
  return [...judged.filter(({ tone }) => tone === 'bad'), ...moved, ...judged.filter(({ tone }) => tone !== 'bad')];
}
