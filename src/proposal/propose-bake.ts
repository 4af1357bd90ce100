import { normalOf } from '../gate/root/normal.ts';
import { powerOf } from '../gate/sight/power.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import type { Power } from '../model/sight.ts';
import { type Candidate, rateOf } from './candidates.ts';

/** What the gate would notice of a wave. */
export interface WavePower {
  wave: string;
  power: Pick<Power, 'passMs' | 'noticeMs'>;
}

export interface ProposedBake {
  bakeMs: number;
  /** Left out: three times the bake, which is enough. */
  maxBakeMs?: number;
  /** Whether it follows from traffic; else it is the default. */
  isMeasured: boolean;
  /** Waves with too little traffic for any bake that a person would wait for. */
  weak: readonly string[];
}

const minuteMs = 60_000;
/** A shorter one notices fast errors only. */
const leastMs = 10 * minuteMs;
/** More is no bake that a person would wait for at each wave. */
const longestMs = 60 * minuteMs;
const stepMs = 5 * minuteMs;
const historyMs = 6 * 60 * minuteMs;

/** So long that every wave with traffic can pass, and that a tenfold rise of its failures is noticed within the longest bake. */
export function proposeBake(waves: readonly WavePower[]): ProposedBake {
  const able = waves.filter(({ power }) => power.passMs <= longestMs && power.noticeMs <= 3 * longestMs);
  const bakeMs = Math.max(leastMs, ...able.map(({ power }) => roundUp(power.passMs)));
  const noticeMs = Math.max(0, ...able.map(({ power }) => roundUp(power.noticeMs)));
  return {
    bakeMs,
    isMeasured: able.length > 0,
    ...(noticeMs > 3 * bakeMs && { maxBakeMs: noticeMs }),
    weak: waves.filter((each) => !able.includes(each)).map(({ wave }) => wave),
  };
}

/** By the formulas of the gate, for so much traffic as was measured in the last minutes; how its failures vary is not known here. */
export function powerOfTraffic(candidates: readonly Candidate[], settings: GateSettings): Power {
  const rate = rateOf(candidates);
  const failing = candidates.reduce((sum, each) => sum + each.failing, 0);
  const counted = (perSecond: number) => Math.round((perSecond * historyMs) / 1000);
  const own = { requests: counted(rate), errors: counted(failing) };
  return powerOf(
    {
      rate,
      normal: normalOf([{ own, rest: { requests: 0, errors: 0 } }]),
      workloads: candidates.reduce((sum, { workloads }) => sum + workloads.length, 0),
    },
    settings,
  );
}

/** Whether a wave with this traffic passes and notices within the least bake. */
export const isEnough =
  (settings: GateSettings) =>
  (candidates: readonly Candidate[]): boolean => {
    const { passMs, noticeMs } = powerOfTraffic(candidates, settings);
    return passMs <= leastMs && noticeMs <= leastMs;
  };

const roundUp = (ms: number): number => stepMs * Math.ceil(ms / stepMs);
