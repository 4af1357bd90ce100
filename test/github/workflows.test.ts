import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { complaintsAboutWorkflow } from '../../harness/runner/workflow-file.ts';
import { inputsSchema } from '../../src/action/inputs.ts';

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  shell?: string;
  with?: Record<string, unknown>;
  'timeout-minutes'?: number;
}
interface Job {
  uses?: string;
  'runs-on'?: string;
  permissions?: Record<string, string>;
  concurrency?: Concurrency;
  strategy?: { 'fail-fast'?: boolean };
  'timeout-minutes'?: number;
  steps?: Step[];
}
interface Concurrency {
  group: string;
  'cancel-in-progress'?: boolean;
  queue?: string;
}
interface Workflow {
  permissions?: Record<string, string>;
  concurrency?: Concurrency;
  jobs: Record<string, Job>;
}

const root = join(import.meta.dirname, '../..');
const folders = ['examples/workflows', '.github/workflows'].map((folder) => join(root, folder));
const files = folders
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .map((file) => {
    const text = readFileSync(file, 'utf8');
    return { file: relative(root, file), text, workflow: parse(text) as Workflow };
  });

const jobsOf = ({ workflow }: (typeof files)[number]) => Object.entries(workflow.jobs);
const stepsOf = (each: (typeof files)[number]) => jobsOf(each).flatMap(([, { steps = [] }]) => steps);
const ours = (step: Step) => step.uses?.startsWith('OWNER/istio-canary-upgrade@') === true;

it('there are the examples that the guide names', () => {
  const guide = readFileSync(join(root, 'docs/on-github.md'), 'utf8');
  const named = new Set([...guide.matchAll(/\(\.\.\/(examples\/workflows\/[\w-]+\.yml)\)/g)].map(([, file]) => file));
  const examples = files.map(({ file }) => file).filter((file) => file.startsWith('examples/'));
  expect(examples.length).toBeGreaterThan(3);
  expect([...examples].filter((file) => !named.has(file))).toEqual([]);
});

describe.for(files)('$file', (each) => {
  const { file, text, workflow } = each;

  it("is valid by GitHub's own parser", () => {
    expect(complaintsAboutWorkflow(file, text)).toEqual([]);
  });

  it('pins every action of others by its full SHA, with the version beside it', () => {
    const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    const isFine = (line: string) =>
      /uses: [\w-]+\/[\w.-]+@[0-9a-f]{40} # v\d+(\.\d+)+$/.test(line) ||
      /uses: (\.\/\.github\/workflows\/[\w-]+\.yml|OWNER\/istio-canary-upgrade@SHA|\.\/)$/.test(line);
    expect(uses.filter((line) => !isFine(line))).toEqual([]);
  });

  it('calls only workflows that lie beside it', () => {
    const called = jobsOf(each).flatMap(([, { uses }]) => (uses === undefined ? [] : [uses]));
    const missing = called.filter((uses) => {
      const name = uses.replace('./.github/workflows/', '');
      return !existsSync(join(root, file, '..', name));
    });
    expect(missing).toEqual([]);
  });

  it('puts no expression into a script, and runs each in bash', () => {
    const scripts = stepsOf(each).filter(({ run }) => run !== undefined);
    expect(scripts.filter(({ run, shell }) => run?.includes('${{') || shell !== 'bash')).toEqual([]);
  });

  it('may do nothing by default; each job names what it may', () => {
    expect(workflow.permissions).toEqual({});
    expect(jobsOf(each).filter(([, { permissions }]) => permissions === undefined)).toEqual([]);
    const known = ['contents', 'id-token', 'pull-requests', 'issues', 'deployments', 'attestations', 'security-events'];
    const asked = jobsOf(each).flatMap(([, { permissions = {} }]) => Object.keys(permissions));
    expect(asked.filter((permission) => !known.includes(permission))).toEqual([]);
  });

  it('leaves no token behind in the checkout', () => {
    const checkouts = stepsOf(each).filter(({ uses }) => uses?.startsWith('actions/checkout@') === true);
    expect(checkouts.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([]);
  });

  it('ends every job that has steps in time, and never our step', () => {
    const unbounded = jobsOf(each).filter(
      ([, job]) => job.steps?.some(ours) === true && job['timeout-minutes'] === undefined,
    );
    expect(unbounded).toEqual([]);
    expect(stepsOf(each).filter((step) => ours(step) && step['timeout-minutes'] !== undefined)).toEqual([]);
  });

  it('gives our Action inputs that it has', () => {
    const given = stepsOf(each)
      .filter(ours)
      .flatMap((step) => Object.keys(step.with ?? {}));
    expect(given.filter((input) => !(input in inputsSchema.shape))).toEqual([]);
  });

  it('never cancels an upgrade for another one, and lets each wait for its turn', () => {
    const groups = [workflow.concurrency, ...jobsOf(each).map(([, { concurrency }]) => concurrency)];
    const upgrades = groups.filter((group) => group !== undefined && /^istio-(upgrade|fleet)/.test(group.group));
    expect(upgrades.filter((group) => group?.['cancel-in-progress'] !== false || group.queue !== 'max')).toEqual([]);
    expect(
      jobsOf(each).filter(([, { strategy }]) => strategy !== undefined && strategy['fail-fast'] !== false),
    ).toEqual([]);
  });
});

it('the upgrade of one cluster has the same group in every workflow that makes one', () => {
  const group = (file: string) => files.find((each) => each.file === `examples/workflows/${file}`)?.workflow;
  const fleet = Object.values(group('fleet.yml')?.jobs ?? {}).flatMap(({ concurrency }) => concurrency?.group ?? []);
  const shapes = [group('upgrade.yml')?.concurrency?.group ?? '', ...fleet].map((text) =>
    text.replace(/\$\{\{ (inputs|matrix)\.cluster \}\}/, 'CLUSTER'),
  );
  expect(new Set(shapes)).toEqual(new Set(['istio-upgrade-CLUSTER']));
});
