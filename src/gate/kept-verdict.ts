import type { CheckAnswer, JudgedEvidence } from '../model/evidence.ts';

/** Enough to see what a check found; a check may answer with one series for each pod. */
const valuesMax = 20;

/** A verdict as the journal keeps it: of each check the worst series, since a check may answer with one for each of ten thousand pods. */
export function keptVerdict(judged: JudgedEvidence): JudgedEvidence {
  const { gates } = judged.evidence;
  const checks = gates.checks.map((answer) => ({ ...answer, values: worstOf(answer) }));
  return { ...judged, evidence: { ...judged.evidence, gates: { ...gates, checks } } };
}

/** Farthest beyond a limit, or nearest to it, first. What is not a number says most. */
function worstOf({ values, max, min }: CheckAnswer): CheckAnswer['values'] {
  const badness = (value: number): number =>
    Number.isNaN(value)
      ? Number.POSITIVE_INFINITY
      : Math.max(
          max === undefined ? Number.NEGATIVE_INFINITY : value - max,
          min === undefined ? Number.NEGATIVE_INFINITY : min - value,
        );
  return values.length <= valuesMax
    ? values
    : values.toSorted((a, b) => badness(b.value) - badness(a.value)).slice(0, valuesMax);
}
