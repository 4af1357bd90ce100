import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { complaintsAbout } from '../../harness/proof/runner/action-file.ts';
import { fromActionYml } from '../../src/action/environment.ts';
import { inputsSchema } from '../../src/action/inputs.ts';
import { outputs } from '../../src/action/outputs.ts';

interface Step {
  id?: string;
  if?: string;
  run?: string;
  shell?: string;
  uses?: string;
  env?: Record<string, string>;
}

const text = readFileSync(join(import.meta.dirname, '../../action.yml'), 'utf8');
const action = parse(text) as {
  inputs: Record<string, { description: string; default?: string; required: boolean }>;
  outputs: Record<string, { description: string; value: string }>;
  runs: { using: string; steps: Step[] };
};
const scripts = action.runs.steps.filter(({ run }) => run !== undefined);

describe('action.yml', () => {
  it("is valid by GitHub's own parser", () => {
    expect(complaintsAbout('action.yml', text)).toEqual([]);
  });

  it.for([
    { what: 'a key that steps do not have', from: 'shell: bash', to: 'timeout-minutes: 5' },
    { what: 'a context that composites do not have', from: 'toJSON(inputs)', to: 'toJSON(secrets)' },
    { what: 'an expression that does not end', from: 'steps.node.outputs.bin }}', to: 'steps.node.outputs.bin' },
  ])('is refused by it with $what', ({ from, to }) => {
    const broken = text.replace(from, to);
    expect(broken).not.toBe(text);
    expect(complaintsAbout('action.yml', broken)).not.toEqual([]);
  });

  it('puts no expression into a script, where a value could become a command', () => {
    expect(scripts.length).toBeGreaterThan(3);
    expect(scripts.filter(({ run }) => run?.includes('${{'))).toEqual([]);
  });

  it('runs every script in bash, and replaces the shell by the program that must receive the signals', () => {
    expect(scripts.filter(({ shell }) => shell !== 'bash')).toEqual([]);
    expect(scripts.filter(({ run }) => !/^exec "\$[^\n]+$/.test(run?.trim() ?? ''))).toEqual([]);
  });

  it('starts only the steps that clean up after a cancellation', () => {
    const [first, ...later] = action.runs.steps.map((step) => step.if ?? '');
    expect(first).toBe('');
    expect(later.filter((condition) => !/!cancelled\(\)|always\(\)/.test(condition))).toEqual([]);
  });

  it('pins every third-party action by its full SHA, with the version beside it', () => {
    const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((line) => !/uses: [\w-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  it('has the inputs and outputs of the schema, each described with its default and an example', () => {
    expect(Object.keys(action.inputs)).toEqual(Object.keys(inputsSchema.shape));
    expect(Object.keys(action.outputs)).toEqual(Object.keys(outputs));
    const silent = Object.entries(action.inputs).filter(
      ([, { description }]) => !/[Dd]efault.*Example: \S/.test(description),
    );
    expect(silent).toEqual([]);
    expect(
      Object.entries(action.inputs)
        .filter(([, { required }]) => required)
        .map(([name]) => name),
    ).toEqual(['command']);
  });

  it('sets exactly the variables that the program reads', () => {
    const handed = new Set(scripts.flatMap(({ env = {} }) => Object.keys(env)));
    // The last one is the C library's.
    const others = ['BUNDLE', 'NODE_BIN', 'MALLOC_ARENA_MAX'];
    expect([...handed].sort()).toEqual([...Object.values(fromActionYml), ...others].sort());
  });
});
