import { expectAllOn, expectControlPlanes, expectRestarts, expectTagAt, generations, isOfMesh } from './mesh-claims.ts';
import type { Scenario } from './scenario.ts';

/** The job is cancelled while istioctl installs, and in the middle of a wave; the finalize step holds, and the next job goes on. */
export const cancelled: Scenario = {
  name: 'cancelled',
  title: 'a job that is cancelled twice: held, and the same end',
  door: 'action',
  async run(backend, expectations) {
    const before = await generations(backend);
    const moments = [
      { where: 'while istioctl installs', cancelAt: /→ install istiod/ },
      { where: 'in the middle of a wave', cancelAt: /→ restart StatefulSet/ },
    ];
    for (const { where, cancelAt } of moments) {
      const { job, report } = await backend.run('upgrade', { cancelAt });
      expectations.equal(`the job was cancelled ${where}`, job?.conclusion, 'cancelled');
      expectations.equal('no process outlived it', job?.orphans, []);
      expectations.equal('its finalize step held', report?.outcome?.kind, 'held');
      expectations.expect('the summary says so', /^## ✘ finalize, .*: held$/m.test(job?.summary ?? ''), job?.summary);
    }
    const { exitCode, report } = await backend.run('upgrade');
    expectations.equal('the third job ends with exit code 0', exitCode, 0);
    expectations.equal('its outcome', report?.outcome?.kind, 'completed');
    await expectTagAt(backend, expectations, backend.to.revision);
    await expectAllOn(backend, expectations, 'to');
    await expectControlPlanes(backend, expectations, [backend.to.revision]);
    await expectRestarts(backend, expectations, before, (id) => (isOfMesh(id) ? 1 : 0));
    return report === undefined ? [] : [report];
  },
};
