import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'cli-'));
const main = join(import.meta.dirname, '../../src/main.ts');
const env = { PATH: process.env['PATH'], HOME: folder };

interface Ran {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** The command line, with nothing in its environment that leads to a cluster. */
async function run(...args: string[]): Promise<Ran> {
  const printed = { stdout: '', stderr: '' };
  const write = (to: keyof typeof printed) => ({
    write: (text: string) => {
      printed[to] += text;
    },
  });
  const streams = { stdout: write('stdout'), stderr: write('stderr') };
  const host = { ...streams, argv: ['node', main, ...args], env, on: () => undefined, off: () => undefined };
  const exitCode = await runCli(host as unknown as NodeJS.Process);
  return { exitCode, ...printed };
}

/** The command line as a separate process, from its first line to its exit code. */
async function runApart(...args: string[]): Promise<Ran> {
  const options = { cwd: folder, env, extendEnv: false, reject: false } as const;
  const { exitCode, stdout, stderr } = await execa(process.execPath, [main, ...args], options);
  return { exitCode, stdout, stderr };
}

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const good = `target: { version: 1.31.0 }
waves: [{ name: canary, namespaces: [bar] }]
gate: { prometheus: "http://prometheus:9090" }
`;

describe('the command line', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.for([
    { verb: 'init', option: '--critical' },
    { verb: 'check', option: '--config' },
    { verb: 'plan', option: '--config' },
    { verb: 'upgrade', option: '--through' },
    { verb: 'rollback', option: '--remove-new' },
    { verb: 'status', option: '--tag' },
    { verb: 'finalize', option: '--report' },
    { verb: 'unlock', option: '--holder' },
    { verb: 'export', option: '--hash-names' },
    { verb: 'pause', option: '--tag' },
    { verb: 'resume', option: '--tag' },
    { verb: 'abort', option: '--yes' },
  ])('prints the usage of $verb', async ({ verb, option }) => {
    const { exitCode, stdout, stderr } = await run(verb, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Usage: istio-canary-upgrade ${verb} [options]`);
    expect(stdout).toContain(option);
    expect(stdout).toContain(`Example:\n  $ istio-canary-upgrade ${verb}`);
    expect(stdout).toMatch(/Exit codes:\n +0 {2}\S[\s\S]* 7 {2}unreachable/);
    expect(stderr).toBe('');
  });

  it.for(['upgrade', 'rollback'])('says that %s can end while it waits for others', async (verb) => {
    const { stdout } = await run(verb, '--help');
    expect(stdout).toMatch(/^ +8 {2}waiting$/m);
  });

  it.for([
    { what: 'an unknown command', args: ['upgarde'], says: /unknown command 'upgarde'/ },
    { what: 'unlock without a holder', args: ['unlock'], says: /required option '--holder <id>'/ },
    {
      what: 'a time without a unit',
      args: ['rollback', '--timeout', '50'],
      says: /argument '50' is invalid\. It is not a duration; write a unit/,
    },
    { what: 'an unknown option', args: ['status', '--force'], says: /unknown option '--force'/ },
    { what: 'plan without a config', args: ['plan'], says: /required option '--config <file>'/ },
    { what: 'an option without its value', args: ['check', '--config'], says: /argument missing/ },
    { what: 'an unknown output format', args: ['status', '--output', 'xml'], says: /text, json/ },
    { what: 'an argument too many', args: ['status', 'now'], says: /too many arguments/ },
  ])('refuses $what with exit code 2', async ({ args, says }) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(says);
    expect(stdout).toBe('');
  });

  it.for(['GATE_FAILED', 'gate_failed', 'gate-failed', 'IST0101'])('explains the code %s', async (code) => {
    const { exitCode, stdout, stderr } = await run('explain', code);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^[A-Z]+\w*: .+\n {2}Cause: .+\n {2}Remedy: .+\n/);
    expect(stdout).toMatch(/\n {2}Docs: https:\/\/\S+errors\.md#/);
    expect(stderr).toBe('');
  });

  it('names the codes that are like one that does not exist, with exit code 2', async () => {
    const { exitCode, stdout, stderr } = await run('explain', 'gate');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/There is no code gate\. Like it: .*GATE_FAILED/);
    expect(stdout).toBe('');
  });

  it('prints its version as a process', async () => {
    expect(await runApart('--version')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });

  it('prints its usage on stderr, with exit code 2, when no command is given', async () => {
    const { exitCode, stderr } = await runApart();
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Usage: istio-canary-upgrade');
  });

  it('names the config file that cannot be read', async () => {
    const { exitCode, stdout, stderr } = await run('check', '--config', 'missing.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/✘ CONFIG_FILE_UNREADABLE: [\s\S]*--config: file missing\.yaml/);
    expect(stdout).toBe('');
  });

  it.for([
    { what: 'a missing file', verb: 'check', text: undefined, code: 'CONFIG_FILE_UNREADABLE' },
    { what: 'a config with mistakes', verb: 'upgrade', text: 'waves: []\n', code: 'CONFIG_INVALID' },
    { what: 'no kubeconfig', verb: 'plan', text: good, code: 'KUBECONFIG_MISSING' },
  ])('prints one JSON document on stdout for $what too', async ({ what, verb, text, code }) => {
    const name = `${what.replaceAll(' ', '-')}.yaml`;
    const file = text === undefined ? name : write(name, text);
    const { exitCode, stdout, stderr } = await run(verb, '--config', file, '--output', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code }, exitCode: 2 });
    expect(exitCode).toBe(2);
    expect(stderr).toBe('');
  });

  it('reports every mistake of a config at once, by line and column', async () => {
    const file = write('mistakes.yaml', good.replace('1.31.0', 'latest').replace('prometheus:', 'promethus:'));
    const { exitCode, stderr } = await run('check', '--config', file);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/mistakes\.yaml:1:\d+: /);
    expect(stderr).toMatch(/mistakes\.yaml:3:\d+: /);
  });
});
