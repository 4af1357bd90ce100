import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from './rules.ts';
import { allWorkflows, readWorkflow, root } from './workflow.ts';

const workflows = allWorkflows();

describe.for(workflows)('$file', (workflow) => {
  it.for(rules)('$title', ({ complaints }) => {
    expect(complaints(workflow)).toEqual([]);
  });
});

/** Follows every rule; each sample breaks one. */
const fine = `on:
  workflow_dispatch:
permissions: {}
concurrency:
  group: istio-upgrade-staging
  cancel-in-progress: false
  queue: max
jobs:
  one:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    timeout-minutes: 5
    strategy:
      fail-fast: false
      matrix:
        cluster: [staging]
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - run: echo "$NAME"
        shell: bash
        env:
          NAME: \${{ github.head_ref }}
      - uses: OWNER/istio-canary-upgrade@SHA
        with:
          command: check
  two:
    uses: ./.github/workflows/ci.yml
    permissions: {}
`;

const samples: readonly { title: string; from: string; to: string }[] = [
  { title: "is valid by GitHub's own parser", from: 'runs-on:', to: 'run-on:' },
  {
    title: 'has no trigger that gives an untrusted user the rights of the repository',
    from: 'workflow_dispatch',
    to: 'pull_request_target',
  },
  {
    title: 'has no trigger that gives an untrusted user the rights of the repository',
    from: 'workflow_dispatch:',
    to: 'issue_comment:',
  },
  {
    title: 'pins every third-party action by its full SHA, with the version in a comment',
    from: /@3d3c\w+ # v7.0.1/.exec(fine)?.[0] ?? '',
    to: '@v7',
  },
  { title: 'pins every third-party action by its full SHA, with the version in a comment', from: ' # v7.0.1', to: '' },
  { title: 'calls only workflows that exist beside it', from: 'workflows/ci.yml', to: 'workflows/none.yml' },
  {
    title: 'puts no expression into a script, where a value could become a command',
    from: 'echo "$NAME"',
    to: `echo "$\{{ github.head_ref }}"`,
  },
  { title: 'sets the shell bash for every script', from: '        shell: bash\n', to: '' },
  { title: 'has no permissions by default, and each job lists its own', from: 'permissions: {}\nconc', to: 'conc' },
  { title: 'has no permissions by default, and each job lists its own', from: '    permissions: {}\n', to: '' },
  { title: 'has no permissions by default, and each job lists its own', from: 'contents: read', to: 'packages: write' },
  { title: 'may write code only in a release', from: 'contents: read', to: 'contents: write' },
  { title: 'stores no token in the checkout', from: 'credentials: false', to: 'credentials: true' },
  {
    title: 'passes on only secrets that it names',
    from: '    permissions: {}\n',
    to: '    permissions: {}\n    secrets: inherit\n',
  },
  {
    title: 'passes on only secrets that it names',
    from: 'github.head_ref',
    to: 'toJSON(secrets)',
  },
  { title: 'limits the time of every job that has steps', from: '    timeout-minutes: 5\n', to: '' },
  {
    title: 'sets no timeout-minutes for the step of our Action',
    from: '@SHA\n',
    to: '@SHA\n        timeout-minutes: 5\n',
  },
  { title: 'sets only inputs that our Action has', from: 'command: check', to: 'comand: check' },
  { title: 'has a concurrency group', from: /concurrency:\n(?: {2}.*\n)+/.exec(fine)?.[0] ?? '', to: '' },
  {
    title: 'queues upgrades and releases, and never cancels one for another',
    from: '  queue: max\n',
    to: '',
  },
  { title: 'lets the other jobs of a matrix finish when one fails', from: '      fail-fast: false\n', to: '' },
];

describe('the rules', () => {
  it('accept a workflow that follows them', () => {
    const sample = readWorkflow('.github/workflows/fine.yml', fine);
    expect(rules.flatMap(({ complaints }) => complaints(sample))).toEqual([]);
  });

  it.for(samples)('find that a workflow breaks "$title", with $to', ({ title, from, to }) => {
    expect(fine).toContain(from);
    const sample = readWorkflow(
      '.github/workflows/broken.yml',
      fine.replace(from, () => to),
    );
    expect(rules.find((rule) => rule.title === title)?.complaints(sample)).not.toEqual([]);
  });

  it('are each broken by a sample', () => {
    expect(rules.map(({ title }) => title)).toEqual([...new Set(samples.map(({ title }) => title))]);
  });
});

it('our own three workflows exist, and the guides name every example', () => {
  const files = workflows.map(({ file }) => file);
  for (const name of ['ci', 'nightly', 'release']) expect(files).toContain(`.github/workflows/${name}.yml`);
  const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const named = new Set(
    guides
      .map((name) => readFileSync(join(root, 'docs', name), 'utf8'))
      .flatMap((guide) => [...guide.matchAll(/\(\.\.\/(examples\/workflows\/[\w-]+\.yml)\)/g)].map(([, file]) => file)),
  );
  const examples = files.filter((file) => file.startsWith('examples/'));
  expect(examples.length).toBeGreaterThan(3);
  expect(examples.filter((file) => !named.has(file))).toEqual([]);
});

it('upgrades of one cluster have the same concurrency group in every example', () => {
  const example = (name: string) => workflows.find(({ file }) => file === `examples/workflows/${name}`);
  const fleet = Object.values(example('fleet.yml')?.jobs ?? {}).flatMap(({ concurrency }) => concurrency?.group ?? []);
  const shapes = [example('upgrade.yml')?.concurrency?.group ?? '', ...fleet].map((text) =>
    text.replace(/\$\{\{ (inputs|matrix)\.cluster \}\}/, 'CLUSTER'),
  );
  expect(new Set(shapes)).toEqual(new Set(['istio-upgrade-CLUSTER']));
});
