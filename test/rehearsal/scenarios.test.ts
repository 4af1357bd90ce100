import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Ran } from '../../harness/rehearsal/model/backend.ts';
import { scenarioJsonSchema } from '../../harness/rehearsal/model/scenario-schema.ts';
import { Expectations } from '../../harness/rehearsal/scenarios/expectations.ts';
import { parseScenario, ScenarioInvalid } from '../../harness/rehearsal/scenarios/load-scenario.ts';
import { tellAgain } from '../../harness/rehearsal/scenarios/paced-telling.ts';
import { firstFit, fits, fitsLine } from '../../harness/rehearsal/scenarios/pattern.ts';
import { expectRun } from '../../harness/rehearsal/scenarios/run-claims.ts';
import { findScenario, shippedNames, shippedScenarios } from '../../harness/rehearsal/scenarios/shipped-scenarios.ts';
import type { SchemaNode } from '../../src/config/json-schema.ts';

const small = `title: small
runs: [{ verb: upgrade, exitCode: 0 }]
expect: { tag: new, pods: new, controlPlanes: [new], restarts: {}, untouched: [outside] }
`;

const complaintsOf = (text: string): readonly string[] => {
  try {
    parseScenario(text, 'my.yaml');
    return [];
  } catch (failure) {
    if (!(failure instanceof ScenarioInvalid)) throw failure;
    return failure.message.split('\n');
  }
};

describe('the JSON Schema of scenarios', () => {
  it('is what the source gives (harness/rehearsal/scenarios/write-schema.ts writes it)', () => {
    const file = new URL('../../schema/scenario.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(scenarioJsonSchema());
  });

  it('documents every field', () => {
    const silent = (node: SchemaNode, path: string): string[] => [
      ...Object.entries(node.properties ?? {}).flatMap(([key, field]) => [
        ...(field.description === undefined ? [`${path}.${key}`] : []),
        ...silent(field, `${path}.${key}`),
      ]),
      ...(node.items === undefined ? [] : silent(node.items, `${path}[]`)),
    ];
    expect(silent(scenarioJsonSchema() as SchemaNode, '')).toEqual([]);
  });
});

describe('a scenario', () => {
  it('has the name of its file, and defaults for what it does not say', () => {
    expect(parseScenario(small, 'folder/my-own.yaml')).toMatchObject({
      name: 'my-own',
      backends: ['sim'],
      mesh: { namespaces: 3, traffic: '50 requests/s', gatewayApi: false },
      release: {},
      faults: [],
    });
  });

  it.for([
    {
      is: 'a misspelt key',
      text: `${small}relaese: { errors: 20% }\n`,
      says: 'my.yaml:4:1: the scenario has no key "relaese"; did you mean "release"?',
    },
    {
      is: 'a kind that does not exist',
      text: `${small}faults: [{ kind: prometheus-up, stage: 6 }]\n`,
      says: 'my.yaml:4:18: faults[0].kind cannot be used; write prometheus-down or gitops-reverts-tag or traffic-stops or incident or istiod-crashes',
    },
    {
      is: 'traffic without its unit',
      text: `${small}mesh: { traffic: 20 }\n`,
      says: 'my.yaml:4:18: mesh.traffic cannot be used; write none',
    },
    {
      is: 'a config that the product refuses',
      text: `${small}config: { gate: { bake: soon } }\n`,
      says: 'my.yaml:4:25: config: gate.bake "soon" is not a duration; write ',
    },
    {
      is: 'a run that expects nothing',
      text: small.replace(', exitCode: 0', ''),
      says: 'my.yaml:2:16: runs[0] expects nothing; write an exitCode',
    },
    {
      is: 'a mesh of its own for the lab',
      text: `${small}backends: [sim, lab]\nmesh: { namespaces: 9 }\n`,
      says: 'my.yaml:5:9: mesh.namespaces is for sim only; write backends: [sim]',
    },
    {
      is: 'workloads of its own for the lab',
      text: `${small}backends: [sim, lab]\nmesh: { workloads: [{ namespace: shop, name: cart }] }\n`,
      says: 'my.yaml:5:9: mesh.workloads is for sim, kind only; write backends: [sim, kind]',
    },
    {
      is: 'a failing path on the simulator, whose requests have none',
      text: `${small}release: { errors: 5%, failure: { path: /foo } }\n`,
      says: 'my.yaml:4:35: release.failure.path is for kind only; write backends: [kind]',
    },
    {
      is: 'a missing route on kind',
      text: `${small}backends: [sim, kind]\nrelease: { errors: 5%, failure: { noRoute: true } }\n`,
      says: 'my.yaml:5:35: release.failure.noRoute is for sim, lab only; write backends: [sim, lab]',
    },
    {
      is: 'a lost route that only some requests need',
      text: `${small}backends: [kind]\nrelease: { errors: 5%, failure: { lostRoute: true } }\n`,
      says: 'my.yaml:5:20: with a lost route all requests fail; write errors: 100%',
    },
    {
      is: 'a fault that a backend cannot make',
      text: `${small}backends: [sim, kind]\nfaults: [{ kind: traffic-stops, stage: 6 }]\n`,
      says: 'my.yaml:5:18: faults[0].kind traffic-stops cannot be made on kind; remove kind from backends',
    },
    {
      is: 'a repair of a release without errors',
      text: small.replace('exitCode: 0', 'exitCode: 0, repaired: true'),
      says: 'my.yaml:2:38: runs[0].repaired says nothing without errors; write release: { errors: 20% }',
    },
    {
      is: 'errors from a run that there is not',
      text: `${small}release: { errors: 20%, errorsFromRun: 2 }\n`,
      says: 'my.yaml:4:40: release.errorsFromRun is after the last run; write at most 1',
    },
    {
      is: 'errors from a run on, of a release that is slow from the start',
      text: `${small.replace('exitCode: 0 }', 'exitCode: 0 }, { verb: upgrade, exitCode: 5 }')}backends: [kind]\nrelease: { errors: 20%, slow: 2s, errorsFromRun: 2 }\n`,
      says: 'my.yaml:5:35: release.errorsFromRun cannot be combined with slow; remove slow',
    },
    {
      is: 'a change by others on the lab',
      text: `${small.replace('exitCode: 0', 'exitCode: 0, before: { paused: [bar/bar] }')}backends: [lab]\n`,
      says: 'my.yaml:2:38: runs[0].before is for sim, kind only; write backends: [sim, kind]',
    },
    {
      is: 'a cancelled job without a job',
      text: small.replace('exitCode: 0', 'cancelAt: x'),
      says: 'my.yaml:2:25: runs[0].cancelAt needs a job; write entryPoint: action',
    },
    {
      is: 'a misspelt code of a problem',
      text: small.replace('exitCode: 0', 'exitCode: 5, problem: GATE_FAILD'),
      says: 'my.yaml:2:47: runs[0].problem "GATE_FAILD" is not a code; did you mean "GATE_FAILED"?',
    },
    {
      is: 'an unknown code of a problem',
      text: small.replace('exitCode: 0', 'exitCode: 3, problem: NONSENSE'),
      says: 'my.yaml:2:47: runs[0].problem "NONSENSE" is not a code; write a code of docs/errors.md',
    },
    { is: 'no YAML', text: 'title: [', says: 'my.yaml:1:9: ' },
  ])('that is $is is refused with its place and what to write', ({ text, says }) => {
    expect(complaintsOf(text)).toEqual([expect.stringContaining(says)]);
  });

  it.for(['GATE_FAILED', 'CLUSTER_UNREACHABLE', 'IST0101'])('may expect the code %s as its problem', (code) => {
    const text = small.replace('exitCode: 0', `exitCode: 3, problem: ${code}`);
    expect(parseScenario(text, 'my.yaml').runs[0]).toMatchObject({ problem: code });
  });

  it('is not loaded from a file that is empty', () => {
    expect(complaintsOf('')).toEqual(
      expect.arrayContaining([expect.stringMatching(/runs/), expect.stringMatching(/expect/)]),
    );
  });
});

describe('the shipped scenarios', () => {
  it('are complete, with seed and bad-release first', () => {
    expect(shippedNames()).toEqual([
      'seed',
      'bad-release',
      'argo-rollout',
      'argo-rollout-bad-release',
      'busy-mesh',
      'canary-first',
      'canary-first-bad-release',
      'cancelled',
      'command',
      'command-bad-release',
      'command-killed',
      'crash-loop',
      'external-awaited',
      'external-bad-release',
      'external-killed',
      'forbidden',
      'gateway-api-follows-tag',
      'gateway-third',
      'gitops-reverts-tag',
      'helm',
      'helm-bad-release',
      'helm-killed',
      'hundred-namespaces',
      'image-pull',
      'incident-elsewhere',
      'istiod-new-crashes',
      'istiod-new-never-ready',
      'killed',
      'lost-config',
      'lost-config-accepted',
      'no-route',
      'no-traffic',
      'prometheus-down',
      'registry-only',
      'repaired-release',
      'restart-losses',
      'slow',
      'slow-burn',
      'stateful-and-ondelete',
      'tcp',
    ]);
  });

  it('are found by name, with a guess for a typing error', () => {
    expect(findScenario('slow-burn').name).toBe('slow-burn');
    expect(() => findScenario('slowburn')).toThrow(
      'there is no scenario and no file "slowburn"; did you mean "slow-burn"?',
    );
  });

  it('can be read', () => {
    expect(shippedScenarios()).toHaveLength(shippedNames().length);
  });
});

describe('patterns', () => {
  it.for([
    { pattern: 'bar/*', id: 'bar/bar', is: true },
    { pattern: '*/*', id: 'bar/bar', is: true },
    { pattern: 'ba*/bar', id: 'baz/bar', is: true },
    { pattern: 'bar/*', id: 'rebar/bar', is: false },
    { pattern: '*', id: 'bar/bar', is: false },
    { pattern: 'b.r/bar', id: 'bar/bar', is: false },
  ])('$pattern and $id: $is', ({ pattern, id, is }) => {
    expect(fits(pattern, id)).toBe(is);
  });

  it('let the first that fits count', () => {
    expect(firstFit({ 'shop/ledger': 0, 'shop/*': 1 }, 'shop/ledger')).toBe(0);
    expect(firstFit({ 'shop/*': 1 }, 'foo/foo')).toBeUndefined();
  });

  it('are about whole lines in summaries', () => {
    expect(fitsLine('## ✘ finalize, *: held', '## ✘ finalize, 1-30-4 to 1-31-0: held')).toBe(true);
    expect(fitsLine('## ✘ finalize, *: held', '## ✘ finalize, 1-30-4 to 1-31-0: held up')).toBe(false);
  });
});

describe('claims about a run', () => {
  const run = parseScenario(
    small.replace(
      'exitCode: 0',
      'exitCode: 5, outcome: rolled-back, verdicts: [canary: fail], problem: GATE_FAILED, left: [bar/bar], tagBack: 1s, took: 1h, log: [x]',
    ),
    'my.yaml',
  ).runs[0];

  it('do not hold when the run left no report and no log', () => {
    const expectations = new Expectations();
    if (run === undefined) throw new Error('no run');
    expectRun(expectations, 'upgrade', run, { exitCode: 0, log: '', report: undefined });
    expect(expectations.list.length).toBe(9);
    expect(expectations.failed).toEqual(expectations.list);
  });

  it.for([
    { left: ['bar/*'], log: 'Deployment bar/bar: it is paused', hold: true },
    { left: ['bar/*', 'baz/*'], log: 'Deployment bar/bar: it is paused', hold: false },
    { left: ['baz/*'], log: 'Deployment bar/bar: it is paused', hold: false },
    { left: ['bar/*'], log: 'nothing', hold: false },
  ])('that $left is left, of which the log says "$log", hold: $hold', ({ left, log, hold }) => {
    const [wanted] = parseScenario(
      small.replace('exitCode: 0', `exitCode: 6, left: ${JSON.stringify(left)}`),
      'my.yaml',
    ).runs;
    if (wanted === undefined) throw new Error('no run');
    const problems = [{ code: 'PODS_LEFT_BEHIND', objects: ['Deployment bar/bar: it is paused'] }];
    const expectations = new Expectations();
    const report = { outcome: { problems } } as unknown as Ran['report'];
    expectRun(expectations, 'upgrade', wanted, { exitCode: 6, log, report });
    expect(expectations.failed.length === 0).toBe(hold);
  });
});

describe('telling at a speed', () => {
  it('waits as long as the mesh did, so many times faster', async () => {
    const heard: string[] = [];
    await tellAgain(
      [
        { text: 'begun', at: 5_000 },
        { text: 'installed', at: 25_000 },
        { text: 'done', at: 25_000 },
      ],
      10,
      { tell: (text) => heard.push(text), sleep: async (ms) => void heard.push(`${ms} ms`) },
    );
    expect(heard).toEqual(['begun', '2000 ms', 'installed', 'done']);
  });
});
