import { exitCodes } from '../engine/outcome.ts';
import { planFor } from '../engine/plan-for.ts';
import { isProblem } from '../mesh/finding.ts';
import { observe } from '../mesh/observe.ts';
import { Recent } from '../mesh/recent.ts';
import { hashPlan } from '../plan/make-plan.ts';
import { renderFinding } from '../report/render-event.ts';
import { allFindings } from '../stages/1-precheck.ts';
import { forward } from '../stages/index.ts';
import { connect, readConfig } from './connect.ts';
import type { CliOptions, Terminal } from './terminal.ts';

/** `check`: everything that stage 1 would say, blocking or not; writes nothing. */
export async function checkCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  const { run, config, close } = await connect(options, terminal, () => undefined, 'upgrade');
  try {
    const journal = await run.journal.load();
    const { plan, problems } = await planFor(run, config ?? readConfig(options.config ?? ''), journal);
    const world = await observe(
      run.eyes,
      forward[0]?.looksAt ?? [],
      plan,
      { marks: journal?.marks ?? { waves: {} }, unchangedForMs: 0 },
      new Recent(run.clock, 0),
    );
    const findings = [...problems, ...allFindings(world, plan)];
    const blocking = findings.filter(isProblem).length;
    if (options.output === 'json')
      terminal.out(JSON.stringify({ blocked: blocking > 0, plan: hashPlan(plan), findings }, null, 2));
    else {
      const ranked = (['blocks', 'warns', 'notes'] as const).flatMap((severity) =>
        findings.filter((finding) => finding.severity === severity),
      );
      const verdict =
        blocking > 0
          ? `✘ ${blocking} ${blocking === 1 ? 'finding blocks' : 'findings block'} the upgrade ${plan.versions.from} -> ${plan.versions.to}; nothing was touched.`
          : `✔ ${plan.versions.from} -> ${plan.versions.to} can begin: ${world.workloads.length} workloads looked at, ${world.injections.length} dry-run pods injected, every gate query answers. Plan ${hashPlan(plan)}.`;
      terminal.out([verdict, ...ranked.flatMap(renderFinding)].join('\n'));
    }
    return blocking > 0 ? exitCodes.blocked.code : 0;
  } finally {
    await close();
  }
}
