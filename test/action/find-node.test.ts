import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = resolve(import.meta.dirname, '../../bin/find-node.sh');

let root: string;

beforeEach(() => {
  // With a space, as folders of runners on a Mac have one.
  root = mkdtempSync(join(tmpdir(), 'find node-'));
  mkdirSync(join(root, 'bare'));
  // All that the script may need; the machine's own Node must stay out of sight.
  symlinkSync('/bin/bash', join(root, 'bare/bash'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A program that stands for a Node. */
function fake(file: string, body: string): void {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

const says = (version: string) => `[ "$1" = --version ] && echo '${version}'`;

function find({ path = ['bin'], env = {} }: { path?: readonly string[]; env?: Record<string, string> } = {}) {
  const output = join(root, 'output');
  writeFileSync(output, 'before=1\n');
  const { stdout, stderr, status } = spawnSync(script, {
    encoding: 'utf8',
    cwd: root,
    timeout: 15_000,
    env: {
      PATH: [...path.map((folder) => (folder === '.' ? '.' : join(root, folder))), join(root, 'bare')].join(':'),
      RUNNER_TOOL_CACHE: join(root, 'cache'),
      GITHUB_OUTPUT: output,
      ...env,
    },
  });
  const written = readFileSync(output, 'utf8');
  return { status, stdout, stderr, bin: /^before=1\n(?:bin=(.*)\n)?$/.exec(written)?.[1] ?? 'nothing' };
}

const cached = (version: string, arch = 'x64') => `cache/node/${version}/${arch}/bin/node`;

describe('bin/find-node.sh takes', () => {
  it.for([
    {
      which: 'the Node on the PATH',
      nodes: { 'bin/node': 'v22.19.0', [cached('24.19.0')]: 'v24.19.0' },
      taken: 'bin/node',
    },
    { which: 'a Node of a later major on the PATH', nodes: { 'bin/node': 'v26.0.0' }, taken: 'bin/node' },
    {
      which: 'the second Node on the PATH if the first is too old',
      nodes: { 'bin/node': 'v22.18.9', 'more/node': 'v24.1.0' },
      taken: 'more/node',
    },
    {
      which: 'the Node of the tool cache if that of the PATH is too old',
      nodes: { 'bin/node': 'v20.20.2', [cached('24.19.0')]: 'v24.19.0' },
      taken: cached('24.19.0'),
    },
    {
      which: 'the newest Node of the tool cache, compared by number',
      nodes: { [cached('24.9.0')]: 'v24.9.0', [cached('24.19.0')]: 'v24.19.0', [cached('22.23.2')]: 'v22.23.2' },
      taken: cached('24.19.0'),
    },
    {
      which: 'a Node of an even major before a newer odd one',
      nodes: { [cached('25.9.0')]: 'v25.9.0', [cached('22.23.2')]: 'v22.23.2' },
      taken: cached('22.23.2'),
    },
    {
      which: 'a Node of an odd major if there is no other',
      nodes: { [cached('23.1.0')]: 'v23.1.0', [cached('20.1.0')]: 'v20.1.0' },
      taken: cached('23.1.0'),
    },
    {
      which: 'a Node for arm64',
      nodes: { [cached('22.19.0', 'arm64')]: 'v22.19.0' },
      taken: cached('22.19.0', 'arm64'),
    },
    {
      which: 'the next Node of the tool cache if the newest prints no version',
      nodes: { [cached('24.19.0')]: 'nonsense', [cached('22.23.2')]: 'v22.23.2' },
      taken: cached('22.23.2'),
    },
    {
      which: 'a Node that prints a suitable version, from a folder named after a version',
      nodes: { [cached('not-a-version')]: 'v24.0.0', [cached('24.2.0')]: 'v20.0.0', [cached('22.20.0')]: 'v22.20.0' },
      taken: cached('22.20.0'),
    },
  ])('$which', ({ nodes, taken }) => {
    for (const [file, version] of Object.entries(nodes)) fake(file, says(version));
    const { status, bin, stdout, stderr } = find({ path: ['bin', 'more'] });
    expect({ status, bin, stderr }).toEqual({ status: 0, bin: join(root, taken), stderr: '' });
    expect(stdout).toMatch(/^Node v\d+\.\d+\.\d+: .*\n$/);
    expect(stdout).toContain(join(root, taken));
  });

  it('a Node of a relative entry of the PATH by its absolute path', () => {
    fake('node', says('v24.0.0'));
    const { bin } = find({ path: ['.'] });
    expect(resolve(bin)).toBe(join(root, 'node'));
    expect(bin).toMatch(/^\//);
  });

  it('no shell function called node', () => {
    fake('bin/node', says('v24.0.0'));
    expect(find({ env: { 'BASH_FUNC_node%%': '() { echo v30.0.0; }' } }).stdout).toMatch(/^Node v24\.0\.0: /);
  });
});

describe('bin/find-node.sh passes over', () => {
  it.for([
    { what: 'a broken Node', body: 'exit 127', why: 'cannot run, exit code 127' },
    { what: 'a Node that prints a version and fails', body: 'echo v24.0.0; exit 3', why: 'cannot run, exit code 3' },
    { what: 'a Node that is too old', body: says('v22.18.0'), why: 'is v22.18.0' },
    { what: 'a Node that prints nothing', body: ':', why: 'names no version' },
    {
      what: 'a Node that prints more than a version',
      body: "echo 'v24.0.0 ::stop-commands::x'",
      why: 'names no version',
    },
    {
      what: 'a Node that prints workflow commands',
      body: "echo '::error::boo'; echo '::set-output name=x::y' >&2",
      why: 'names no version',
    },
    {
      what: 'a Node whose version number is too large',
      body: says('v99999999999999999999.1.1'),
      why: 'names no version',
    },
    { what: 'a Node that prints control characters', body: "printf 'v24\\000\\001\\n'", why: 'names no version' },
  ])('$what, and names it in the one line of the error', ({ body, why }) => {
    fake('bin/node', body);
    const { status, stdout, stderr, bin } = find();
    expect({ status, stderr, bin }).toEqual({ status: 1, stderr: '', bin: 'nothing' });
    expect(stdout).toMatch(/^::error title=[^:\n]+::[^\n]+\n$/);
    expect(stdout).toContain(`found ${join(root, 'bin/node')} ${why}. Add a step`);
  });

  it('a Node that does not answer in time', () => {
    fake('bare/timeout', 'exit 124');
    fake('bin/node', 'while :; do :; done');
    expect(find().stdout).toContain('/bin/node does not answer. ');
  });

  it('every unusable Node on the PATH, and names them when it takes one of the tool cache', () => {
    fake('bin/node', says('v20.20.2'));
    fake('more/node', 'exit 1');
    fake(cached('24.19.0'), says('v24.19.0'));
    expect(find({ path: ['bin', 'more'] }).stdout).toBe(
      `Node v24.19.0: ${join(root, cached('24.19.0'))} (skipped: ${join(root, 'bin/node')} is v20.20.2; ${join(root, 'more/node')} cannot run, exit code 1)\n`,
    );
  });
});

describe('without a Node', () => {
  it('the Action prints one line that says what to do', () => {
    const { status, stdout, bin } = find();
    expect({ status, bin }).toEqual({ status: 1, bin: 'nothing' });
    expect(stdout).toBe(
      '::error title=No Node to run on::This Action needs Node 22.19 or newer and found none. Add a step before it with "uses: actions/setup-node" and "node-version: 24", or put such a node on the PATH.\n',
    );
  });

  it('the Action prints the same line on a runner without a tool cache', () => {
    expect(find({ env: { RUNNER_TOOL_CACHE: '' } })).toEqual(find());
  });

  it('the Action escapes workflow commands in the name of a folder', () => {
    const folder = 'x::error::y ##[error]z 100%0A';
    fake(`${folder}/node/24.0.0/x64/bin/node`, 'exit 1');
    const { stdout } = find({ env: { RUNNER_TOOL_CACHE: join(root, folder) } });
    expect(stdout.split('::')).toHaveLength(3);
    expect(stdout).toContain('100%250A/node/24.0.0/x64/bin/node cannot run');
    expect(stdout).not.toContain('##[');
  });
});
