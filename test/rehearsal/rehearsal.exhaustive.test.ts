import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { killedAtRandom } from '../../harness/rehearsal/scenarios/killed-at-random.ts';
import { parseScenario } from '../../harness/rehearsal/scenarios/load-scenario.ts';
import { findScenario, shippedScenarios } from '../../harness/rehearsal/scenarios/shipped-scenarios.ts';
import { heard, seed } from './heard.ts';

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

  it('tells another text for another seed', async () => {
    expect((await heard(findScenario('bad-release'), 7)).text).not.toBe(
      (await heard(findScenario('bad-release'), 8)).text,
    );
  });

  it.for([1])('of an upgrade killed ten times at random ends the same (seed %i)', async (withSeed) => {
    const { failed, text } = await heard(killedAtRandom(10, withSeed), withSeed);
    expect(failed, text).toEqual([]);
  });
});
