import { type CheckedAspect, checkedAspects, findAll } from '../checks/checks.ts';
import { type Finding, isProblem } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { defineStage, shortfall } from '../model/stage.ts';
import type { World } from '../model/world.ts';

/** Stage 1: nothing is touched. Every check holds at any point of an upgrade, so that a resumed run passes it again. */
export const precheck = defineStage({
  step: 'precheck',
  looksAt: checkedAspects,
  requires: (world, plan) => allFindings(world, plan).filter(isProblem),
  effects: () => [],
  missing: (world, plan) =>
    allFindings(world, plan)
      .filter(isProblem)
      .map(({ code, message }) => shortfall(code, message)),
  // A warning that is told only at the end of what it warns of comes too late.
  notices: (world, plan) => allFindings(world, plan).filter(({ severity }) => severity === 'warns'),
  proof: (world, plan) =>
    [
      `${world.workloads.length} workloads, ${world.injections.length} dry-run pods`,
      describeFindings(allFindings(world, plan)),
    ].join(', '),
});

/** `1 warning: SURGE_WITHOUT_ROOM; 2 notes: WORKLOAD_GOES_DOWN`; a finding that blocks has stopped the run before. */
function describeFindings(findings: readonly Finding[]): string {
  const found = Map.groupBy(findings, ({ severity }) => severity);
  return (
    [counted('warning', found.get('warns')), counted('note', found.get('notes'))].flat().join('; ') || 'nothing found'
  );
}

function counted(noun: string, findings: readonly Finding[] = []): readonly string[] {
  if (findings.length === 0) return [];
  const codes = new Set(findings.map(({ code }) => code));
  return [`${findings.length} ${findings.length === 1 ? noun : `${noun}s`}: ${[...codes].join(', ')}`];
}

type Observed = Pick<World, CheckedAspect>;

/** All that the checks have to say, blocking or not; `check` prints it. */
export function allFindings(observed: Observed, plan: Plan): readonly Finding[] {
  return findAll(observed.marks.removalBegan === undefined ? observed : withoutOld(observed, plan), plan);
}

/** Once stage 8 has begun to remove the old revision, what is left of it is stage 8's to finish, and no fault of the mesh. */
function withoutOld(world: Observed, { from }: Plan): Observed {
  return {
    ...world,
    controlPlanes: new Map([...world.controlPlanes].filter(([revision]) => revision !== from)),
    webhooks: world.webhooks.filter(({ revision }) => revision !== from),
  };
}
