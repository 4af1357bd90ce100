import { failureClasses } from '../../../../src/gate/failures.ts';
import { rulesOf } from '../../../../src/gate/judge-traffic.ts';
import { judgePart } from '../../../../src/gate/root/judge-part.ts';
import { limitOf } from '../../../../src/gate/root/limit.ts';
import { likelyDispersion, normalOf } from '../../../../src/gate/root/normal.ts';
import { distanceNeeded } from '../../../../src/gate/root/root-test.ts';
import { type Times, windowCount, windows } from '../../../../src/gate/root/windows.ts';
import type { Count, Normal, PartCounts, WindowName } from '../../../../src/model/evidence.ts';
import type { GateSettings } from '../../../../src/model/gate-settings.ts';
import { gateDefaults } from '../../../rehearsal/model/gate-defaults.ts';
import { bySide, rolloutMs, type Side, scrapeMs, sides } from './cell.ts';
import type { Column, Counters, Trace } from './trace.ts';

/** The defaults of the product, looked at as often as the traces are scraped. */
export const settings: GateSettings = { ...gateDefaults, intervalMs: scrapeMs };

export interface Outcome {
  verdict: 'fail' | 'pass' | 'hold';
  /** When it failed, or passed, milliseconds since the wave was ready. */
  at?: number;
  /** When it passed, also if it failed later. */
  passedAt?: number;
  /** What failed: the view and class, in which window, of which workload. */
  why?: string;
}

export interface JudgeOptions {
  /** Another judge, to see whether the bench would notice. */
  judge?: typeof judgePart;
  /** The last look, milliseconds since ready. */
  watchedMs?: number;
  /** Whether parts that cannot fail are left out, which changes nothing but the time it takes. */
  screened?: boolean;
}

/** One number that is judged: of one part, one side and one kind of failure. */
interface Subject {
  name: string;
  part?: string;
  own: Counters;
  column: Column;
  normal: Normal;
  decides: boolean;
  /** With fewer failures the product finds no fail. */
  fewest: number;
  /** The limit whatever the rest of the mesh does; left out if it may be lower because the part follows the rest. */
  leastLimit?: number;
}

const windowNames = Object.keys(windows) as WindowName[];
/** Numbers that could each give a false alarm, in a window that is looked at once; the wave is one of two parts. */
export const chancesOfWave = rulesOf(settings, {}).kinds * windowCount * 2;

/**
 * Looks at a run every 15 s from its first new pod on, as the engine does, and judges each part by the product's own function: a fail counts
 * at once, a pass takes a settled bake, and a wave that has passed is watched further.
 */
export function judgeRun(
  trace: Trace,
  { judge = judgePart, watchedMs = Number.POSITIVE_INFINITY, screened = true }: JudgeOptions = {},
): Outcome {
  const subjects = subjectsOf(trace);
  const wave = { workloads: trace.workloads.length };
  const rules = { decides: rulesOf(settings, wave, true), others: rulesOf(settings, wave) };
  const end = Math.min(trace.firstScrapeAt + (trace.scrapes - 1) * scrapeMs, watchedMs);
  let passedAt: number | undefined;

  for (let now = trace.firstScrapeAt + trace.lookAfterMs; now <= end; now += scrapeMs) {
    if (now < -rolloutMs) continue;
    const times: Times = {
      startedAt: -rolloutMs,
      ...(now >= 0 && { readyAt: 0 }),
      now,
      passed: passedAt !== undefined,
      watchMs: settings.watchMs,
      intervalMs: scrapeMs,
    };
    const spans = spansAt(trace, times);
    const bakedMs = now - settings.settleMs;
    const mayPass = passedAt === undefined && bakedMs >= settings.bakeMs;
    let isPass = true;
    for (const subject of subjects) {
      if (screened && !(mayPass && subject.part === undefined) && !couldFail(subject, trace.rest, spans)) continue;
      const { verdict, window } = judge(
        countsOf(subject, trace, spans),
        subject.decides ? rules.decides : rules.others,
      );
      if (verdict === 'fail')
        return { verdict, at: now, ...(passedAt !== undefined && { passedAt }), why: `${subject.name}, ${window}` };
      if (verdict !== 'pass') isPass = false;
    }
    if (mayPass && isPass) passedAt = now;
    else if (passedAt === undefined && bakedMs >= settings.maxBakeMs) return { verdict: 'hold' };
  }
  return passedAt === undefined ? { verdict: 'hold' } : { verdict: 'pass', at: passedAt, passedAt };
}

/** Between which scrapes each window lies. */
type Spans = readonly { window: WindowName; from: number; to: number }[];

function spansAt({ firstScrapeAt, scrapes }: Trace, times: Times): Spans {
  const sampleAt = (at: number) => Math.min(scrapes - 1, Math.max(0, Math.floor((at - firstScrapeAt) / scrapeMs)));
  return windowNames.flatMap((window) => {
    const from = windows[window].from(times);
    return from === undefined ? [] : [{ window, from: sampleAt(from), to: sampleAt(times.now) }];
  });
}

/** Slow requests are counted in one window alone, the sliding one where it exists. */
function windowsOf({ column }: Subject, spans: Spans): Spans {
  if (column !== 'slow') return spans;
  const span = spans.find(({ window }) => window === 'recent') ?? spans.find(({ window }) => window === 'settled');
  return span === undefined ? [] : [span];
}

/** To save time: without more failures than the limit allows, and without enough of them for the least distance, the product finds no fail. */
function couldFail(subject: Subject, rest: Counters, spans: Spans): boolean {
  const { own, column, normal, fewest, leastLimit } = subject;
  return windowsOf(subject, spans).some(({ from, to }) => {
    const errors = (own[column][to] ?? 0) - (own[column][from] ?? 0);
    if (errors < fewest) return false;
    const requests = (own.requests[to] ?? 0) - (own.requests[from] ?? 0);
    const limit = leastLimit ?? limitOf(normal, counted(rest, column, from, to), settings.errorRatioMax);
    return errors > limit * requests;
  });
}

function countsOf(subject: Subject, { rest }: Trace, spans: Spans): PartCounts {
  const found: Partial<Record<WindowName, PartCounts['windows'][WindowName]>> = {};
  for (const { window, from, to } of windowsOf(subject, spans))
    found[window] = {
      own: counted(subject.own, subject.column, from, to),
      rest: counted(rest, subject.column, from, to),
    };
  return {
    ...(subject.part !== undefined && { part: subject.part }),
    normal: subject.normal,
    windows: found as PartCounts['windows'],
  };
}

const counted = (counters: Counters, column: Column, from: number, to: number): Count => ({
  requests: (counters.requests[to] ?? 0) - (counters.requests[from] ?? 0),
  errors: (counters[column][to] ?? 0) - (counters[column][from] ?? 0),
});

/** The wave first, so that a pass is refused early. */
function subjectsOf({ wave, workloads, history }: Trace): readonly Subject[] {
  const likely = bySide((side) => likelyDispersion(failureClasses.map((failure) => history.wave[side][failure])));
  const of = (
    own: Readonly<Record<Side, Counters>>,
    past: Trace['history']['wave'],
    part?: string,
  ): readonly Subject[] =>
    sides.flatMap((side) => {
      const failures = side === 'serverSide' ? ([...failureClasses, 'slow'] as const) : failureClasses;
      return failures.map((failure) => {
        const normal = normalOf(past[side][failure], likely[side]);
        return {
          name: `${side} ${failure}${part === undefined ? '' : ` of ${part}`}`,
          ...(part !== undefined && { part }),
          own: own[side],
          column: failure,
          normal,
          decides: side === 'serverSide' && failure === 'error',
          fewest: (distanceNeeded(chancesOfWave, normal.dispersion) / 2) ** 2,
          ...(!normal.followsRest && {
            leastLimit: limitOf(normal, { requests: 0, errors: 0 }, settings.errorRatioMax),
          }),
        };
      });
    });
  return [
    ...of(wave, history.wave),
    ...workloads.flatMap((workload, index) => {
      const past = history.workloads[index];
      return past === undefined ? [] : of(workload, past, `workload-${index + 1}`);
    }),
  ];
}
