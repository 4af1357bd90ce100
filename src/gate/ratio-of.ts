import type { JudgedRatio, PartCounts } from '../model/evidence.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import type { PartJudgement } from './root/judge-part.ts';
import { windows } from './root/windows.ts';

export interface JudgedPart {
  part: PartCounts;
  judged: PartJudgement;
}

/** What charts draw of one class of failures: the wave as a whole, and its worst workload. @returns `undefined` without requests */
export function ratioOf(
  label: string,
  parts: readonly JudgedPart[],
  settings: Pick<GateSettings, 'errorRatioMax'>,
): JudgedRatio | undefined {
  const whole = parts.find(({ part }) => part.part === undefined);
  if (whole === undefined || whole.judged.own.requests === 0) return undefined;
  const { normal, windows: counts } = whole.part;
  const rest = whole.judged.window && counts[whole.judged.window]?.rest;
  const [worst] = parts
    .filter(({ part, judged }) => part.part !== undefined && redOf(judged) !== undefined)
    .toSorted((a, b) => excessOf(b.judged) - excessOf(a.judged));
  return {
    label,
    ...atLimit(whole.judged, settings),
    ...(rest !== undefined && rest.requests > 0 && { rest: short(rest.errors / rest.requests) }),
    ...(normal.requests > 0 && {
      usual: { ratio: short(normal.errors / normal.requests), most: short(normal.most ?? 0) },
    }),
    ...(worst?.part.part !== undefined && { worst: { part: worst.part.part, ...atLimit(worst.judged, settings) } }),
  };
}

/** A pass is measured without the floor of its window, which a fail must exceed. */
function atLimit(
  { own, limit, window, ...judged }: PartJudgement,
  { errorRatioMax }: Pick<GateSettings, 'errorRatioMax'>,
): Pick<JudgedRatio, 'requests' | 'errors' | 'limit' | 'red'> {
  const red = redOf(judged);
  return {
    requests: Math.round(own.requests),
    errors: Math.round(own.errors),
    limit: short(Math.max(limit, window === undefined ? 0 : windows[window].floor(errorRatioMax))),
    ...(red !== undefined && { red }),
  };
}

const redOf = ({ verdict, aloneAbove }: Pick<PartJudgement, 'verdict' | 'aloneAbove'>): JudgedRatio['red'] =>
  verdict === 'fail' ? 'fail' : aloneAbove ? 'unclear' : undefined;

/** How far the failures lie above the limit, as the test measures it. */
const excessOf = ({ own, limit }: PartJudgement): number => Math.sqrt(own.errors) - Math.sqrt(limit * own.requests);

/** A report has many of them. */
const short = (ratio: number): number => Number(ratio.toPrecision(4));
