import { defineFinding, type Finding } from '../model/finding.ts';
import { onlyObserves } from '../model/gate-settings.ts';
import type { Plan } from '../model/plan.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const GateOnlyObserves = defineFinding({
  code: 'GATE_ONLY_OBSERVES',
  severity: 'warns',
  title: 'The gate judges and tells only: no verdict stops the upgrade or rolls it back.',
  cause:
    'The config says `gate.mode: observe`. A wave that fails goes on after its bake as if it had passed, and at the end the old istiod is removed. Broken rollouts still stop the upgrade.',
  fix: 'When the verdicts of some upgrades have convinced you, take gate.mode out of the config.',
  blames: 'person',
  isAboutGate: true,
});

const finds = [GateOnlyObserves] as const;

export const gateMode = defineCheck({ looksAt: [], finds, find: checkGateMode });

function checkGateMode(_world: unknown, plan: Plan): readonly FindingOf<typeof finds>[] {
  if (!onlyObserves(plan)) return [];
  return [GateOnlyObserves.of('gate.mode is observe: verdicts are told, and no verdict stops the upgrade.')];
}

/** What a gate that decides nothing cannot see stops nothing either. */
export const asObserved = (findings: readonly Finding[], plan: Plan): readonly Finding[] =>
  onlyObserves(plan)
    ? findings.map((finding) =>
        finding.severity === 'blocks' && finding.meaning.isAboutGate === true
          ? { ...finding, severity: 'warns' }
          : finding,
      )
    : findings;
