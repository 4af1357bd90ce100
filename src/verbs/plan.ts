import { podChangeFindings } from '../checks/pod-changes.ts';
import { observePodChanges } from '../engine/observe-pod-changes.ts';
import { planFor } from '../engine/plan-for.ts';
import { observeSight } from '../mesh/observe/sight.ts';
import { observeMesh } from '../mesh/observe.ts';
import { type OutcomeKind, outcomes } from '../model/outcome.ts';
import { hashPlan } from '../plan/make-plan.ts';
import { renderFinding } from '../report/render-event.ts';
import { renderPlan } from '../report/render-plan.ts';
import { renderPodChanges } from '../report/render-pod-changes.ts';
import { renderSight } from '../report/render-sight.ts';
import { connectWithConfig } from './connect.ts';
import type { ConfiguredOptions } from './options.ts';
import { outcomeOf, type Verb } from './verb.ts';

/** `plan`: what an upgrade would do; writes nothing. */
export const planVerb: Verb<ConfiguredOptions> = async (options, caller) => {
  const { run, config, name, close } = await connectWithConfig(options, caller, 'look');
  try {
    const { plan, resumed, owners, ...made } = await planFor(run, config, await run.journal.load());
    const problems = [...made.tagless, ...made.problems];
    const hash = hashPlan(plan);
    const mesh = await observeMesh(run.ports, ['workloads', 'now'], plan.istioNamespace);
    const sight = await observeSight(run.ports.metrics, mesh, plan);
    const compared = await observePodChanges(run, plan);
    const podChanges = podChangeFindings({ podChanges: compared }, plan);
    const kind: OutcomeKind = problems.length > 0 ? 'blocked' : 'completed';
    return {
      exitCode: outcomes[kind].exitCode,
      outcome: outcomeOf({
        kind,
        message: problems[0]?.message ?? `Plan ${hash}: Istio ${plan.versions.from} -> ${plan.versions.to}.`,
        stage: 'precheck',
        revision: plan.from,
        problems,
        next: run.command(problems.length > 0 ? 'plan' : `upgrade --plan ${hash}`),
      }),
      lines: [
        ...renderPlan(plan, hash, resumed, owners),
        ...renderSight(sight, plan.gate),
        ...renderPodChanges(compared, podChanges),
        ...problems.flatMap(renderFinding),
      ],
      document: { cluster: name, hash, resumed, plan, owners, sight, podChanges, problems },
      findings: [...problems, ...podChanges],
      cluster: name,
    };
  } finally {
    await close();
  }
};
