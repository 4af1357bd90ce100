import { expectAllOn, expectControlPlanes, expectRestarts, expectTagAt, generations, isOfMesh } from './mesh-claims.ts';
import type { Scenario } from './scenario.ts';

/** The seed's procedure from stage 1 to stage 8, with a good release. */
export const seed: Scenario = {
  name: 'seed',
  title: 'a good release: all eight stages',
  async run(backend, expectations) {
    const outside = await backend.snapshot('outside');
    const before = await generations(backend);
    const check = await backend.run('check');
    expectations.equal('check finds nothing that blocks', check.exitCode, 0);
    const plan = await backend.run('plan');
    expectations.equal(
      'plan shows the eight stages',
      [plan.exitCode, /Uninstall the old istiod/.test(plan.log)],
      [0, true],
    );
    expectations.equal('check and plan write nothing', await generations(backend), before);
    const { exitCode, report } = await backend.run('upgrade');
    expectations.equal('upgrade ends with exit code 0', exitCode, 0);
    expectations.equal('its outcome', report?.outcome?.kind, 'completed');
    expectations.equal(
      'stages that were done',
      report?.stages.filter(({ done }) => done).map(({ number }) => number),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    expectations.equal(
      'verdicts',
      report?.verdicts.map(({ wave, verdict }) => `${wave}: ${verdict}`),
      ['canary: pass', 'rest: pass'],
    );
    await expectTagAt(backend, expectations, backend.to.revision);
    await expectAllOn(backend, expectations, 'to');
    await expectControlPlanes(backend, expectations, [backend.to.revision]);
    await expectRestarts(backend, expectations, before, (id) => (isOfMesh(id) ? 1 : 0));
    expectations.expect('the namespace outside the plan is untouched', outside === (await backend.snapshot('outside')));
    const status = await backend.run('status');
    expectations.equal('status says that it is complete', [status.exitCode, /: completed/.test(status.log)], [0, true]);
    const again = await backend.run('upgrade');
    expectations.equal(
      'a second upgrade to the same release is refused',
      [again.exitCode, /SAME_REVISION/.test(again.log)],
      [3, true],
    );
    return report === undefined ? [] : [report];
  },
};
