import { parseDuration } from '../../../src/model/duration.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import type { SeenRequests } from '../../proof/kind/requests.ts';
import type { Backend } from '../model/backend.ts';
import type { Scenario } from '../model/scenario.ts';
import type { RunShape } from '../model/scenario-schema.ts';
import type { Expectations } from './expectations.ts';
import { expectMesh, generations, seeBefore } from './mesh-claims.ts';
import { expectServed } from './request-claims.ts';
import { expectRun } from './run-claims.ts';

/** The reports of the runs of a scenario, in order, and what the clients of the mesh got meanwhile. */
export interface Done {
  reports: readonly RunReport[];
  requests: readonly SeenRequests[];
}

/** Does what a scenario says to a mesh that was made for it, and collects what held. */
export async function runScenario(
  { runs, expect, release }: Scenario,
  backend: Backend,
  expectations: Expectations,
): Promise<Done> {
  const before = await seeBefore(backend, expect);
  const startedAt = backend.now();
  const reports: RunReport[] = [];
  for (const [index, run] of runs.entries()) {
    const who = `${runs.filter(({ verb }) => verb === run.verb).length === 1 ? '' : `${ordinal(runs, index)} `}${run.verb}`;
    const seen = run.writes === 'nothing' ? await whatIsWritten(backend) : undefined;
    const { verb, through, killAt, killAfter, cancelAt, repaired } = run;
    if (release.errorsFromRun === index + 1) await backend.breakRelease();
    if (repaired) await backend.repairRelease();
    if (run.before !== undefined) await backend.change(run.before);
    const killAfterMs = killAfter === undefined ? undefined : parseDuration(killAfter);
    const ran = await backend.run(verb, { through, killAt, killAfterMs, cancelAt });
    expectRun(expectations, who, run, ran, backend.name === 'sim' ? 1 : 5);
    if (seen !== undefined) expectations.equal(`${who} writes nothing`, await whatIsWritten(backend), seen);
    if (ran.report !== undefined) reports.push(ran.report);
  }
  await expectMesh(backend, expectations, expect, before);
  const seconds = (backend.now() - startedAt) / 1000;
  const requests = (await backend.requests?.(startedAt)) ?? [];
  expectServed(expectations, { requests, seconds }, Object.keys(release).length === 0);
  expectations.equal('every fault of the scenario has begun', backend.faultsThatNeverBegan(), []);
  return { reports, requests };
}

const whatIsWritten = async (backend: Backend): Promise<unknown> => [
  await generations(backend),
  await backend.tag(),
  await backend.controlPlanes(),
];

/** Among the runs of the same verb. */
function ordinal(runs: readonly RunShape[], index: number): string {
  const count = runs.slice(0, index + 1).filter(({ verb }) => verb === runs[index]?.verb).length;
  return ['first', 'second', 'third', 'fourth', 'fifth'][count - 1] ?? `${count}th`;
}
