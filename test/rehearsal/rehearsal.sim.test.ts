import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { simBackend } from '../../harness/rehearsal/backends/sim-backend.ts';
import { Expectations } from '../../harness/rehearsal/scenarios/expectations.ts';
import { parseScenario } from '../../harness/rehearsal/scenarios/load-scenario.ts';
import { runScenario } from '../../harness/rehearsal/scenarios/run-scenario.ts';
import { findScenario } from '../../harness/rehearsal/scenarios/shipped-scenarios.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { Pods } from '../../src/ports/kinds.ts';
import { heard } from './heard.ts';

const wayBack = join(import.meta.dirname, '../../harness/proof/reliability/way-back.yaml');

function istiodOf(sim: Sim): { name: string; namespace: string } {
  const [pod] = sim.pods('istio-system');
  if (pod === undefined) throw new Error('no istiod runs');
  return { name: pod.metadata.name, namespace: 'istio-system' };
}

describe('a rehearsal', () => {
  it('tells the same text for the same seed, byte for byte, and leaves the same report', async () => {
    const one = await heard(findScenario('bad-release'));
    const report = readFileSync(one.reportFile, 'utf8');
    const other = await heard(findScenario('bad-release'));
    expect(other.text).toBe(one.text);
    expect(readFileSync(other.reportFile, 'utf8')).toBe(report);
  });

  it('ends with a timeline: the stages, the pods by revision, the tag back', async () => {
    const { text } = await heard(findScenario('bad-release'));
    expect(text).toMatch(/5 restart-canary +9 on 1-30-4, 4 on 1-31-0 +bar: 2\/2 pods on 1-31-0/);
    expect(text).toMatch(
      /✘ 6 judge-canary +9 on 1-30-4, 4 on 1-31-0 +canary: fail: server-side errors .* limit 5 % now/,
    );
    expect(text).toMatch(/↩ 3 move-tag-back/);
    expect(text).toMatch(/the tag was back \d+ ms after the verdict/);
  });

  it('names everything that is not as expected', async () => {
    const text = `title: wrong
runs: [{ verb: upgrade, exitCode: 5, outcome: rolled-back, verdicts: [], took: 1s }]
expect:
  tag: old
  pods: mixed
  controlPlanes: [old, new]
  restarts: { "foo/*": 2, "bar/*": 1, "baz/*": 1, "istio-ingress/*": 1 }
  untouched: [foo]
`;
    const { failed, expectations } = await heard(parseScenario(text, 'wrong.yaml'));
    expect(failed.map(({ claim }) => claim)).toEqual([
      'upgrade ends with exit code 5',
      'upgrade is rolled-back',
      'upgrade gave no verdict',
      'upgrade took within 1s',
      'webhook, Service and validator of the tag name 1-30-4',
      'some mesh pods run 1-30-4, some 1-31-0, and none anything else',
      'installed control planes: 1-30-4, 1-31-0',
      'every pod of the old istiod that ran before is ready',
      'each workload was restarted just as often as it had to be',
      'namespace foo is untouched',
    ]);
    expect(expectations).toHaveLength(failed.length + 1);
  });

  it('shows of a bad release that all goes back that can, and that the rest is named', async () => {
    const { failed } = await heard(findScenario(wayBack));
    expect(failed).toEqual([]);
  });

  it('says that a workload does not recover, when it is ready although the scenario expects it to be stuck', async () => {
    const text = `title: healthy
runs: [{ verb: upgrade, exitCode: 0 }]
expect:
  tag: new
  pods: { "bar/*": stuck, "*/*": new }
  controlPlanes: [new]
  restarts: { "outside/*": 0, "monitoring/*": 0, "*/*": 1 }
  untouched: [outside]
`;
    const { failed } = await heard(parseScenario(text, 'healthy.yaml'));
    expect(failed.map(({ claim }) => claim)).toEqual(['no mesh pod of bar/* is ready, and each runs 1-30-4 or 1-31-0']);
  });

  it('notices that a pod of the old istiod was replaced', async () => {
    const text = `title: restarted
backends: [sim]
runs: [{ verb: upgrade, through: move-tag, exitCode: 0 }]
expect: { tag: new, pods: old, controlPlanes: [old, new], restarts: {}, untouched: [outside] }
`;
    const scenario = parseScenario(text, 'restarted.yaml');
    const backend = await simBackend(42, scenario, () => undefined, {
      look: (sim) => sim.in(1_000, () => sim.registry.delete(Pods, istiodOf(sim))),
    });
    const expectations = new Expectations();
    await runScenario(scenario, backend, expectations);
    expect(expectations.failed.map(({ claim }) => claim)).toEqual([
      'every pod of the old istiod that ran before is ready',
    ]);
  });

  it('fails when a fault of the scenario never began', async () => {
    const text = `title: too late
faults: [{ kind: prometheus-down, stage: 6 }]
runs: [{ verb: upgrade, through: install-control-plane, exitCode: 0 }]
expect: { tag: old, pods: old, controlPlanes: [old, new], restarts: {}, untouched: [outside, foo] }
`;
    const { failed } = await heard(parseScenario(text, 'late.yaml'));
    expect(failed.map(({ claim }) => claim)).toEqual(['every fault of the scenario has begun']);
  });

  it('says that a mesh without any traffic is refused before any write', async () => {
    const text = `title: idle
mesh: { traffic: none }
runs: [{ verb: upgrade, exitCode: 3, outcome: blocked, writes: nothing }]
expect: { tag: old, pods: old, controlPlanes: [old], restarts: {}, untouched: [outside, foo] }
`;
    expect((await heard(parseScenario(text, 'idle.yaml'))).failed).toEqual([]);
  });
});
