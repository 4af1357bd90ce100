import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Scenario } from '../../harness/rehearsal/model/scenario.ts';
import { type Rehearsed, rehearse } from '../../harness/rehearsal/rehearsal.ts';
import { killedAtRandom } from '../../harness/rehearsal/scenarios/killed-at-random.ts';
import { parseScenario } from '../../harness/rehearsal/scenarios/load-scenario.ts';
import { findScenario, shippedScenarios } from '../../harness/rehearsal/scenarios/shipped-scenarios.ts';

const seed = 42;
const reportFolder = mkdtempSync(join(tmpdir(), 'rehearsal-'));
afterAll(() => rmSync(reportFolder, { recursive: true, force: true }));

async function heard(scenario: Scenario, withSeed = seed): Promise<Rehearsed & { text: string }> {
  const told: string[] = [];
  const rehearsed = await rehearse('sim', scenario, {
    reportFolder,
    seed: withSeed,
    tell: (text) => void told.push(text),
    signal: AbortSignal.timeout(60_000),
  });
  return { ...rehearsed, text: told.join('') };
}

describe(`every shipped scenario (seed ${seed})`, () => {
  it.for(shippedScenarios().filter(({ backends }) => backends.includes('sim')))('$name: $title', async (scenario) => {
    const { failed, expectations, text } = await heard(scenario);
    expect(failed, text).toEqual([]);
    expect(expectations.length).toBeGreaterThan(5);
  });
});

describe('a rehearsal', () => {
  it('of the example in the README of the scenarios is green', async () => {
    const readme = readFileSync(new URL('../../harness/rehearsal/scenarios/README.md', import.meta.url), 'utf8');
    const example = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const { failed, text } = await heard(parseScenario(example, 'my-release.yaml'));
    expect(failed, text).toEqual([]);
  });

  it('tells the same text for the same seed, byte for byte, and leaves the same report', async () => {
    const one = await heard(findScenario('bad-release'));
    const report = readFileSync(one.reportFile, 'utf8');
    const other = await heard(findScenario('bad-release'));
    expect(other.text).toBe(one.text);
    expect(readFileSync(other.reportFile, 'utf8')).toBe(report);
  });

  it('tells another text for another seed', async () => {
    expect((await heard(findScenario('bad-release'), 7)).text).not.toBe(
      (await heard(findScenario('bad-release'), 8)).text,
    );
  });

  it.for([1])('of an upgrade killed ten times at random ends the same (seed %i)', async (withSeed) => {
    const { failed, text } = await heard(killedAtRandom(10, withSeed), withSeed);
    expect(failed, text).toEqual([]);
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

  it('fails when a fault of the scenario never began, since then nothing was proven', async () => {
    const text = `title: too late
faults: [{ kind: prometheus-down, stage: 6 }]
runs: [{ verb: upgrade, through: install-control-plane, exitCode: 0 }]
expect: { tag: old, pods: old, controlPlanes: [old, new], restarts: {}, untouched: [outside, foo] }
`;
    const { failed } = await heard(parseScenario(text, 'late.yaml'));
    expect(failed.map(({ claim }) => claim)).toEqual(['every fault of the scenario has begun']);
  });

  it('says that a mesh without any traffic is refused before anything is touched', async () => {
    const text = `title: idle
mesh: { traffic: none }
runs: [{ verb: upgrade, exitCode: 3, outcome: blocked, writes: nothing }]
expect: { tag: old, pods: old, controlPlanes: [old], restarts: {}, untouched: [outside, foo] }
`;
    expect((await heard(parseScenario(text, 'idle.yaml'))).failed).toEqual([]);
  });
});
