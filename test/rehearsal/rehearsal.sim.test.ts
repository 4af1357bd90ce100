import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../harness/rehearsal/scenarios/load-scenario.ts';
import { findScenario } from '../../harness/rehearsal/scenarios/shipped-scenarios.ts';
import { heard } from './heard.ts';

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
    expect(text).toMatch(/✘ 6 judge-canary +9 on 1-30-4, 4 on 1-31-0 +canary: fail: server-side errors .* limit 1 %/);
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
      'each workload was restarted just as often as it had to be',
      'namespace foo is untouched',
    ]);
    expect(expectations).toHaveLength(failed.length + 1);
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
