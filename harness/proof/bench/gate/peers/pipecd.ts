import { deviationOfU, exactlyGreater, normalTail, ranked } from './mann-whitney.ts';
import { intervalsPerMinute, type Peer, ratios } from './peer.ts';

const lookEvery = 5 * intervalsPerMinute;
const significance = 0.05;

/**
 * PipeCD with strategy CANARY_BASELINE and deviation HIGH: every five minutes a one-sided Mann-Whitney test of the last five minutes against
 * the control, again and again with the same significance; one failure is enough. No values of the wave beside values of the control are a
 * failure, none of both are skipped. Identical values are taken as no difference, which is kinder than its code.
 */
export const pipecd: Peer = ({ server, control }) => {
  for (let end = lookEvery; end <= server.requests.length; end += lookEvery) {
    const wave = ratios(server, end - lookEvery, end);
    const beside = ratios(control, end - lookEvery, end);
    if (wave.length === 0 && beside.length === 0) continue;
    if (wave.length === 0 || beside.length === 0 || isGreater(wave, beside)) return end;
  }
  return undefined;
};

/** PipeCD computes samples of this size exactly; where the approximation is far from the significance it decides here, to save time. */
function isGreater(wave: readonly number[], control: readonly number[]): boolean {
  const ranking = ranked(wave, control);
  if (ranking.ties.length === 1) return false;
  const pairs = wave.length * control.length;
  const nearly = normalTail((ranking.u - pairs / 2 - 0.5) / deviationOfU(wave.length, control.length, ranking.ties));
  if (nearly > 4 * significance) return false;
  if (nearly < significance / 20) return true;
  return exactlyGreater(wave.length, ranking) <= significance;
}
