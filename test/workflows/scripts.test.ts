import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nodeImage } from '../../harness/proof/kind/node-images.ts';
import { parseHop } from '../../harness/proof/lab/hop.ts';
import { findScenario } from '../../harness/rehearsal/scenarios/shipped-scenarios.ts';
import { allWorkflows, root, stepsOf } from './workflow.ts';

const workflows = allWorkflows();

function scriptOf(file: string, name: string): string {
  const workflow = workflows.find((each) => each.file === file);
  const script = workflow === undefined ? undefined : stepsOf(workflow).find((step) => step.name === name)?.run;
  if (script === undefined) throw new Error(`${file} has no script "${name}"`);
  return script;
}

/** Runs a script as a job does, with a `gh` that records its calls. @returns the calls and the outputs */
function run(script: string, env: Record<string, string>, gh: string, cwd = root) {
  const folder = mkdtempSync(join(tmpdir(), 'script-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/gh'), `#!/usr/bin/env bash\necho "$*" >>"${folder}/calls"\n${gh}\n`);
  chmodSync(join(folder, 'bin/gh'), 0o755);
  for (const file of ['calls', 'output', 'script']) writeFileSync(join(folder, file), file === 'script' ? script : '');
  const text = execFileSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', join(folder, 'script')], {
    cwd,
    encoding: 'utf8',
    timeout: 15_000,
    env: {
      PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
      HOME: folder,
      RUNNER_TEMP: folder,
      RUNNER_ARCH: 'X64',
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_REPOSITORY: 'owner/tool',
      ...env,
    },
  });
  const lines = (file: string) => readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean);
  return { calls: lines('calls'), outputs: lines('output'), text };
}

describe('the scripts', () => {
  const scripts = workflows
    .filter(({ file }) => file.startsWith('.github/'))
    .flatMap((workflow) => stepsOf(workflow).flatMap(({ run: text }) => (text === undefined ? [] : [text])));

  it('call only commands of package.json and executable files', () => {
    const { scripts: commands } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const called = scripts.flatMap((text) =>
      [...text.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, name = '']) => name),
    );
    expect(called.length).toBeGreaterThan(8);
    expect(called.filter((name) => commands[name] === undefined)).toEqual([]);
    const files = scripts.flatMap((text) => text.match(/(?<=^|\s)(harness|bin|\.ci)\/[\w./-]+\.sh/g) ?? []);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => (statSync(join(root, file)).mode & 0o111) === 0)).toEqual([]);
  });

  it('are valid Bash', () => {
    const unreadable = scripts.filter((text) => spawnSync('bash', ['-n'], { input: text }).status !== 0);
    expect(unreadable).toEqual([]);
  });

  it('rehearse Kubernetes versions with an image, valid hops and scenarios for kind', () => {
    const kind = workflows.find(({ file }) => file.endsWith('/nightly.yml'))?.jobs['kind'];
    const { include = [] } = kind?.strategy?.matrix ?? {};
    expect(include.length).toBeGreaterThan(3);
    for (const { kubernetes, hop, scenario } of include) {
      expect(nodeImage(kubernetes ?? '')).toMatch(/@sha256:/);
      expect(parseHop(hop ?? '').to.version).toMatch(/^1\./);
      expect(findScenario(scenario ?? '').backends).toContain('kind');
    }
  });
});

describe('the issue of the nightly run', () => {
  const script = scriptOf('.github/workflows/nightly.yml', 'Open, update or close it');
  const needs = (kind: string) => JSON.stringify({ faults: { result: 'success' }, kind: { result: kind } });
  const list = 'issue list --state open --label nightly --limit 1 --json number --jq .[0].number // empty';
  const where = 'https://github.example.com/run/1';

  it.for([
    {
      it: 'is opened by a run that fails',
      kind: 'failure',
      open: '',
      does: 'issue create --title The nightly run fails',
    },
    {
      it: 'is updated by the next run that fails',
      kind: 'cancelled',
      open: '12',
      does: `issue edit 12 --body kind: cancelled: ${where}`,
    },
    {
      it: 'is closed by a run that succeeds',
      kind: 'success',
      open: '12',
      does: `issue close 12 --comment It succeeds again: ${where}`,
    },
    { it: 'is not opened while runs succeed', kind: 'success', open: '', does: list },
  ])('$it', ({ kind, open, does }) => {
    const { calls } = run(
      script,
      { NEEDS: needs(kind), RUN: where },
      `[[ "$2" != list || -z "${open}" ]] || echo "${open}"`,
    );
    expect(calls[0]).toBe(list);
    expect(calls.at(-1)).toContain(does);
  });
});

describe('the binaries of the lab', () => {
  const script = scriptOf('.github/workflows/lab.yml', 'Find the built binaries');
  const artifact = (id: number, more: object) => ({
    expired: false,
    workflow_run: { id, head_branch: 'main', head_repository_id: 1, repository_id: 1 },
    ...more,
  });
  const search = (artifacts: readonly object[]) =>
    run(
      script,
      { BRANCH: 'main' },
      `[[ $1 != api ]] || echo '${JSON.stringify({ artifacts })}'
       [[ $1 != run ]] || { mkdir -p "$RUNNER_TEMP/binaries" "$RUNNER_TEMP/bin-of-lab/bin" &&
         tar --create --gzip --file "$RUNNER_TEMP/binaries/bin.tar.gz" --directory "$RUNNER_TEMP/bin-of-lab" bin; }`,
    );

  it('are built if no run of the default branch has kept them', () => {
    const stranger = artifact(1, {
      workflow_run: { id: 1, head_branch: 'main', head_repository_id: 2, repository_id: 1 },
    });
    const branch = artifact(2, {
      workflow_run: { id: 2, head_branch: 'other', head_repository_id: 1, repository_id: 1 },
    });
    const { outputs, calls } = search([stranger, branch, artifact(3, { expired: true })]);
    expect(outputs).toContain('found=false');
    expect(calls.filter((call) => call.startsWith('run'))).toEqual([]);
  });

  it('are downloaded from the newest run that has kept them', () => {
    const { outputs, calls } = search([artifact(3, { expired: true }), artifact(4, {}), artifact(5, {})]);
    expect(outputs).toContain('found=true');
    expect(calls.at(-1)).toMatch(/^run download 4 --repo owner\/tool --name lab-binaries-X64-/);
  });

  it('are kept under a name with the hash of the pinned sources', () => {
    const { outputs } = search([]);
    expect(outputs[0]).toMatch(/^name=lab-binaries-X64-[0-9a-f]{16}$/);
  });
});
