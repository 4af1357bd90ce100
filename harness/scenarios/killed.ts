import { expectAllOn, expectControlPlanes, expectRestarts, expectTagAt, generations, isOfMesh } from './mesh-claims.ts';
import type { Scenario } from './scenario.ts';

/** kill -9 after stage 3 and in the middle of a wave; running again ends where an undisturbed run would. */
export const killed: Scenario = {
  name: 'killed',
  title: 'killed twice and run again: the same end',
  // A job that is killed is finalized, and then nothing is unfinished.
  door: 'cli',
  async run(backend, expectations) {
    const outside = await backend.snapshot('outside');
    const before = await generations(backend);
    const first = await backend.run('upgrade', { killAt: /✔ 3 / });
    expectations.equal('the first run was killed after stage 3', first.exitCode, null);
    const second = await backend.run('upgrade', { killAt: /→ restart StatefulSet/ });
    expectations.equal('the second run was killed in the middle of a wave', second.exitCode, null);
    const status = await backend.run('status');
    expectations.expect(
      'status tells of the unfinished run',
      /: running/.test(status.log),
      status.log.split('\n').find((line) => line.startsWith('Upgrade ')),
    );
    const { exitCode, report } = await backend.run('upgrade');
    expectations.equal('the third run ends with exit code 0', exitCode, 0);
    expectations.equal('its outcome', report?.outcome?.kind, 'completed');
    await expectTagAt(backend, expectations, backend.to.revision);
    await expectAllOn(backend, expectations, 'to');
    await expectControlPlanes(backend, expectations, [backend.to.revision]);
    await expectRestarts(backend, expectations, before, (id) => (isOfMesh(id) ? 1 : 0));
    expectations.expect('the namespace outside the plan is untouched', outside === (await backend.snapshot('outside')));
    return report === undefined ? [] : [report];
  },
};
