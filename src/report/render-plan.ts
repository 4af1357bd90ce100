import type { Plan } from '../plan/plan.ts';
import { forward } from '../stages/index.ts';

/** A plan as a person reads it before saying yes. */
export function renderPlan(plan: Plan, hash: string, resumed: boolean): readonly string[] {
  const { from, to, tag, versions, gate, soakMs } = plan;
  const details: Record<number, string> = {
    1: 'writes nothing',
    2: `istiod ${to} (Istio ${versions.to}) beside ${from}, profile minimal`,
    3: `tag ${tag}: ${from} -> ${to}`,
    4: plan.gateways.join(', ') || 'none found',
    5: plan.waves[0] === undefined ? '' : `${plan.waves[0].name}: ${plan.waves[0].namespaces.join(', ')}`,
    6: `bake ${seconds(gate.bakeMs)}, at most ${100 * gate.errorRatioMax} % errors over at least ${gate.minRequests} requests${gate.checks.map(({ name }) => `, ${name}`).join('')}`,
    7:
      plan.waves
        .slice(1)
        .map(({ name, namespaces }) => `${name}: ${shorten(namespaces)}`)
        .join('; ') || 'no other wave',
    8: `istiod ${from}, after nothing has used it for ${seconds(soakMs)}`,
  };
  return [
    `Plan ${hash}${resumed ? ' (of the upgrade that is under way)' : ''}: Istio ${versions.from} -> ${versions.to}`,
    ...forward.map(({ number, title }) => `  ${number} ${title.padEnd(48)} ${details[number] ?? ''}`),
    ...plan.waivers.map(({ workload, until, reason }) => `  not restarted: ${workload}, until ${until}: ${reason}`),
    `On trouble after stage 3 and before stage 8: the tag back to ${from}, then a restart of all that runs ${to}.`,
  ];
}

const seconds = (ms: number): string => (ms % 60_000 === 0 && ms > 0 ? `${ms / 60_000} min` : `${ms / 1000} s`);

function shorten(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;
}
