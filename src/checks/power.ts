import { gatewayWaveName } from '../mesh/gateway-wave.ts';
import { defineFinding } from '../model/finding.ts';
import { percent } from '../model/percent.ts';
import type { Plan } from '../model/plan.ts';
import type { WaveSight } from '../model/sight.ts';
import { notAsked, type World } from '../model/world.ts';
import { isWeak, minutes } from '../report/render-sight.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const GateWeak = defineFinding({
  code: 'GATE_WEAK',
  severity: 'warns',
  title: 'A wave has too little traffic: a bad release would not be noticed in it within the longest bake.',
  cause:
    'The gate must notice when ten times as many requests fail as usual, or 5 % of them where nothing fails usually. That takes a number of requests, which the traffic of the last minutes does not reach within gate.maxBake.',
  fix: 'Let it bake longer (gate.bake, gate.maxBake), choose a canary with more traffic, send load during the bake, or let its workloads keep the old proxy by `waivers`.',
  blames: 'person',
  isAboutGate: true,
});

const finds = [GateWeak] as const;

export const power = defineCheck({ looksAt: ['sight'], finds, find: checkPower });

/** More is no bake that a person would wait for. */
const longestMs = 12 * 60 * 60_000;
const stepMs = 5 * 60_000;

/** Waves with requests in which a tenfold rise of their usual failures would not be noticed, each with the bake that would be enough. */
function checkPower({ sight }: Pick<World, 'sight'>, { gate }: Pick<Plan, 'gate'>): readonly FindingOf<typeof finds>[] {
  if (sight === notAsked || 'unknown' in sight) return [];
  // Gateways bake for nothing.
  const baking = sight.waves.filter(({ wave }) => wave !== gatewayWaveName);
  const weak = baking.filter((wave) => wave.decides !== undefined && isWeak(gate.maxBakeMs)(wave.power));
  if (weak.length === 0) return [];
  const bakeMs = stepMs * Math.ceil(Math.max(...weak.map(enoughMs)) / stepMs);
  const longer = bakeMs <= longestMs ? `gate.maxBake: ${bakeMs / 60_000}m would be enough at this traffic. ` : '';
  return [
    GateWeak.of(
      `Within the longest bake (${minutes(gate.maxBakeMs)}) a bad release would not be noticed in ${weak.length} of ${baking.length} waves.`,
      weak.map(describe),
      `${longer}${GateWeak.definition.fix}`,
    ),
  ];
}

/** Until the rise is noticed, and until a wave without it can pass. */
const enoughMs = ({ power: { noticeMs, passMs } }: WaveSight): number => Math.max(noticeMs, passMs);

function describe(wave: WaveSight): string {
  const { rate, rise, noticeMs } = wave.power;
  const when = Number.isFinite(noticeMs) ? `takes ${minutes(noticeMs)}` : 'is never noticed';
  return `${wave.wave}: ${percent(rise)} of failures ${when} at ${Number(rate.toPrecision(2))} ${wave.decides === 'tcpConnections' ? 'connections' : 'requests'}/s`;
}
