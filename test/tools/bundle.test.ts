import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDist } from '../../harness/tools/bundle.ts';

const root = resolve(import.meta.dirname, '../..');
const dist = join(root, 'dist');

let built: Map<string, Uint8Array>;
let alone: string;

beforeAll(async () => {
  built = await buildDist(root);
  alone = mkdtempSync(join(tmpdir(), 'dist-alone-'));
  for (const [name, contents] of built) writeFileSync(join(alone, name), contents);
}, 60_000);

afterAll(() => rmSync(alone, { recursive: true, force: true }));

const text = (name: string) => Buffer.from(built.get(name) ?? []).toString('utf8');

describe('dist/', () => {
  it('is what the sources build', () => {
    const committed = existsSync(dist) ? readdirSync(dist) : [];
    const names = [...new Set([...built.keys(), ...committed])].sort();
    const differing = names.filter((name) => {
      const contents = built.get(name);
      return !committed.includes(name) || !contents || !readFileSync(join(dist, name)).equals(contents);
    });
    expect(differing, 'These files of dist/ differ from what the sources build: run `npm run build`.').toEqual([]);
  });

  it('holds a bundle that can be executed as a command', () => {
    expect(statSync(join(dist, 'main.cjs')).mode & 0o111).toBe(0o111);
    expect(text('main.cjs')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('does not contain the path of the checkout', () => {
    for (const name of built.keys()) expect(text(name).includes(root), name).toBe(false);
  });

  it('has a source map whose sources exist in the checkout', () => {
    const { sources, sourcesContent } = JSON.parse(text('main.cjs.map')) as Record<string, string[]>;
    // Sources of packages are named as in the maps of the packages, and not every package contains its sources.
    const ours = (sources ?? []).filter((source) => source.startsWith('../src/'));
    expect(ours.length).toBeGreaterThan(100);
    expect(ours.filter((source) => !existsSync(resolve(dist, source)))).toEqual([]);
    expect(sourcesContent).toBeUndefined();
    expect(text('main.cjs')).toMatch(/\n\/\/# sourceMappingURL=main\.cjs\.map\n$/);
  });
});

describe('the bundle', () => {
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    spawnSync(process.execPath, [join(alone, 'main.cjs'), ...args], {
      cwd: alone,
      encoding: 'utf8',
      timeout: 15_000,
      env: { PATH: process.env['PATH'], ...env },
    });

  it('lists its commands without node_modules', () => {
    const { status, stdout, stderr } = run(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const verb of ['check', 'plan', 'upgrade', 'rollback', 'status', 'finalize'])
      expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
  });

  it('loads everything that the command status needs', () => {
    const { status, stderr } = run(['status', '--kubeconfig', join(alone, 'none')]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('KUBECONFIG_MISSING') });
  });

  it('loads everything that a step of the Action needs', () => {
    const output = join(alone, 'output');
    writeFileSync(output, '');
    const inputs = JSON.stringify({ command: 'finalize', kubeconfig: join(alone, 'none') });
    const { stdout } = run(['action', 'istioctl'], {
      UPGRADE_INPUTS: inputs,
      GITHUB_OUTPUT: output,
      RUNNER_TEMP: alone,
    });
    expect(stdout).toMatch(/^::warning title=No istioctl::.* No kubeconfig was found\./m);
  });

  it('contains only CommonJS', () => {
    const code = text('main.cjs').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    expect(code).not.toContain('import.meta');
    expect(code).not.toMatch(/^import\s|^export\s/m);
  });

  it('contains only ASCII, so that it starts sooner', () => {
    expect(built.get('main.cjs')?.every((byte) => byte < 0x80)).toBe(true);
  });

  it('is one of two, and contains no code of the simulator', () => {
    expect([...built.keys()].filter((name) => name.endsWith('.cjs'))).toEqual(['main.cjs', 'rehearse.cjs']);
    expect(text('main.cjs')).not.toContain('// harness/');
    expect(text('rehearse.cjs')).toContain('// harness/rehearsal/sim/create-sim.ts');
  });

  it('is smaller than 4.5 MB', () => {
    // 4.24 MB as of 2026-11, and room for less than a dependency. esbuild's metafile shows what is new; lean-modules.ts leaves out
    // what is never used.
    expect(built.get('main.cjs')?.length).toBeLessThan(4_500_000);
    // 4.30 MB, of which undici, which posts the comment, takes 1.4 MB.
    expect(built.get('rehearse.cjs')?.length).toBeLessThan(4_500_000);
  });
});

describe('what the bundle leaves out', () => {
  it('is not used by our sources', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(root, 'src', file), 'utf8'));
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((source) => /\b(getIDToken|downloadTool)\(|@actions\/http-client/.test(source))).toEqual([]);
  });

  it('are a second undici, the models of Kubernetes and proxy agents', () => {
    const packages = [...text('licenses.txt').matchAll(/^={80}\n(\S+) \S+ \(.*\)\n={80}$/gm)].map(([, name]) => name);
    expect(packages.filter((name) => name === 'undici')).toHaveLength(1);
    for (const name of ['@actions/http-client', 'tunnel', 'socks', 'hpagent', 'js-yaml', 'jsonpath-plus'])
      expect(packages).not.toContain(name);
    expect(text('main.cjs')).not.toContain('client-node/dist/gen/');
  });
});
