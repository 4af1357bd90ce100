import type { Config } from '../config/config.ts';
import { observe } from '../mesh/observe.ts';
import { Recent } from '../mesh/recent.ts';
import type { Checked } from '../model/checked.ts';
import { isProblem } from '../model/finding.ts';
import { notAsked } from '../model/world.ts';
import { hashPlan } from '../plan/make-plan.ts';
import { allFindings, precheck } from '../stages/1-precheck.ts';
import { planFor } from './plan-for.ts';
import { noMarks, type Run } from './run.ts';

/** `check`: everything that stage 1 would say, blocking or not; writes nothing. */
export async function check(run: Run, config: Config): Promise<Checked> {
  const journal = await run.journal.load();
  const { plan, problems, resumed } = await planFor(run, config, journal);
  // The marks of an upgrade that has ended say nothing about the next one.
  const marks = resumed && journal !== undefined ? journal.marks : noMarks;
  const world = await observe(
    run.ports,
    precheck.looksAt,
    plan,
    { marks, unchangedForMs: 0, stillFor: new Map(), setAside: new Map() },
    new Recent(run.clock, 0),
  );
  const all = [...problems, ...allFindings(world, plan)];
  const findings = (['blocks', 'warns', 'notes'] as const).flatMap((severity) =>
    all.filter((finding) => finding.severity === severity),
  );
  return {
    plan,
    hash: hashPlan(plan),
    findings,
    blocked: findings.some(isProblem),
    workloads: world.workloads.length,
    dryRunPods: world.injections.length,
    ...(world.sight !== notAsked && { sight: world.sight }),
  };
}
