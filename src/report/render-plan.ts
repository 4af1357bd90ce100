import { isDowngrade } from '../model/downgrade.ts';
import { onlyObserves } from '../model/gate-settings.ts';
import { type InstallerKind, installerOf } from '../model/installer-kind.ts';
import { type Plan, strategyOf } from '../model/plan.ts';
import { numberOf, type StepName, stepsOf, titleOf } from '../model/procedure.ts';
import { describeRelease } from '../model/release-name.ts';
import { renderExpectedTime, renderUnprovenTime } from './render-expected-time.ts';

/**
 * A plan as text, for a person who approves it.
 * @param owners which tool owns which part of the mesh
 */
export function renderPlan(
  plan: Plan,
  hash: string,
  resumed: boolean,
  owners: readonly string[] = [],
): readonly string[] {
  const { from, to, tag, versions, gate, soakMs } = plan;
  const isCanaryFirst = strategyOf(plan) === 'canary-first';
  const byLabel = isCanaryFirst ? `, labelled istio.io/rev=${to} before the tag moves` : '';
  const details: Record<StepName, string> = {
    precheck: 'writes nothing',
    'install-control-plane': `istiod ${to} (Istio ${versions.to}) beside ${from}, ${installs[installerOf(plan)](plan)}${plan.install.leavesDefaultTag === true ? `, ${['istioctl', 'helm'].includes(installerOf(plan)) ? 'makes' : 'must make'} no tag default` : ''}`,
    'move-tag': `tag ${tag}: ${from} -> ${to}`,
    'upgrade-gateways': plan.gateways.join(', ') || 'none found',
    'restart-canary':
      plan.waves[0] === undefined ? '' : `${plan.waves[0].name}: ${plan.waves[0].namespaces.join(', ')}${byLabel}`,
    'judge-canary': `${onlyObserves(plan) ? 'only observed: ' : ''}bake ${seconds(gate.bakeMs)}, failures as usual over at least ${gate.minRequests} requests${gate.checks.map(({ name }) => `, ${name}`).join('')}`,
    'restart-waves':
      plan.waves
        .slice(1)
        .map(({ name, namespaces }) => `${name}: ${shorten(namespaces)}`)
        .join('; ') || 'no other wave',
    'remove-old-revision': `istiod ${from}, after nothing has used it for ${seconds(soakMs)}`,
  };
  return [
    `Plan ${hash}${resumed ? ' (of the upgrade that is under way)' : ''}: Istio ${versions.from} -> ${versions.to}${isDowngrade(versions) ? ' (downgrade)' : ''}`,
    ...stepsOf(strategyOf(plan)).map((name) => `  ${numberOf(name)} ${titleOf(name).padEnd(48)} ${details[name]}`),
    ...owners.map((owner) => `  owner of ${owner}`),
    ...plan.waivers.map(({ workload, until, reason }) => `  not restarted: ${workload}, until ${until}: ${reason}`),
    `Expected time: ${renderExpectedTime(plan)}.`,
    renderUnprovenTime(plan),
    isCanaryFirst
      ? `If the upgrade fails after the canary is labelled and before stage 8, it rolls back: the tag moves to ${from} if it has moved, the labels are put back, then every workload on ${to} restarts.`
      : `If the upgrade fails after stage 3 and before stage 8, it rolls back: the tag moves to ${from}, then every workload on ${to} restarts.`,
  ];
}

const installs = {
  istioctl: () => 'profile minimal',
  helm: ({ releases }) => `as Helm release ${releases === undefined ? '?' : describeRelease(releases.to)}`,
  command: () => 'by your command',
  external: () => 'by another tool or a person, for whom the run waits',
} as const satisfies Record<InstallerKind, (plan: Plan) => string>;

const seconds = (ms: number): string => (ms % 60_000 === 0 && ms > 0 ? `${ms / 60_000} min` : `${ms / 1000} s`);

function shorten(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;
}
