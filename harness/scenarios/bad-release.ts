import { expectAllOn, expectControlPlanes, expectRestarts, expectTagAt, generations } from './mesh-claims.ts';
import type { Scenario } from './scenario.ts';

/** The new proxies fail a fifth of their requests: the gate says fail, and everything touched runs the old proxy again. */
export const badRelease: Scenario = {
  name: 'bad-release',
  title: 'a bad release: the canary fails and is taken back',
  async run(backend, expectations) {
    const outside = await backend.snapshot('outside');
    const before = await generations(backend);
    await backend.failRequests(backend.to.revision, 0.2);
    const { exitCode, report } = await backend.run('upgrade');
    expectations.equal('upgrade ends with exit code 5', exitCode, 5);
    expectations.equal('its outcome', report?.outcome?.kind, 'rolled-back');
    expectations.equal(
      'the verdict',
      report?.verdicts.map(({ wave, verdict }) => `${wave}: ${verdict}`),
      ['canary: fail'],
    );
    expectations.expect(
      'the tag was back within 1 s of the verdict',
      (report?.cost.failToTagBackMs ?? Number.POSITIVE_INFINITY) <= 1_000,
      report?.cost.failToTagBackMs,
    );
    await expectTagAt(backend, expectations, backend.from.revision);
    await expectAllOn(backend, expectations, 'from');
    await expectControlPlanes(backend, expectations, [backend.from.revision, backend.to.revision]);
    // Once there and once back: the gateway and the canary; nobody else was touched.
    const touched = (id: string) => id.endsWith(' bar/bar') || id.endsWith('istio-ingress/istio-ingressgateway');
    await expectRestarts(backend, expectations, before, (id) => (touched(id) ? 2 : 0));
    expectations.expect('the namespace outside the plan is untouched', outside === (await backend.snapshot('outside')));
    return report === undefined ? [] : [report];
  },
};
