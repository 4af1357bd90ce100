import { stripVTControlCharacters } from 'node:util';
import * as z from 'zod';
import { messageOf } from '../model/upgrade-error.ts';
import type { Install, Istioctl } from '../ports/istioctl.ts';
import { IstioctlFailed, IstioctlTimeout, IstioctlUnreadable } from './istioctl-errors.ts';
import { lastWords } from './last-words.ts';
import { parseFindings } from './parse-findings.ts';
import { parseManifest } from './parse-manifest.ts';
import { parseProxyStatus } from './parse-proxy-status.ts';
import { parseRemovals } from './parse-removals.ts';
import {
  createProcessRunner,
  type ProcessResult,
  type ProcessRunner,
  type ProcessRunnerOptions,
} from './process-runner.ts';
import { readJson } from './read-json.ts';

export interface IstioctlOptions {
  /** Left out: what istioctl takes by itself from `KUBECONFIG` or the home folder. */
  kubeconfig?: string;
  context?: string;
  istioNamespace: string;
  timeouts?: Partial<IstioctlTimeouts>;
}

/** How long one call may take. `install` gets its own on top of the readiness timeout. */
export interface IstioctlTimeouts {
  localMs: number;
  readMs: number;
  analyzeMs: number;
  writeMs: number;
}

/** Generous: a call that takes longer hangs, which unreachable clusters and missing rights make istioctl do. */
const TIMEOUTS: IstioctlTimeouts = { localMs: 60_000, readMs: 90_000, analyzeMs: 300_000, writeMs: 180_000 };

const clientVersion = z.object({ clientVersion: z.object({ version: z.string().min(1) }) });

export function createIstioctl(options: IstioctlOptions & ProcessRunnerOptions): Istioctl {
  return istioctlOver(createProcessRunner(options), options);
}

/** The same over any runner. */
export function istioctlOver(runner: ProcessRunner, options: IstioctlOptions): Istioctl {
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  // Log lines would otherwise stand on stdout, before the JSON.
  const quiet = ['--log_target', 'stderr'];
  const cluster = [
    ...quiet,
    ...(options.kubeconfig === undefined ? [] : ['--kubeconfig', options.kubeconfig]),
    ...(options.context === undefined ? [] : ['--context', options.context]),
    '--istioNamespace',
    options.istioNamespace,
  ];

  /** Runs to the end, whatever the exit code. */
  const ask = async (args: readonly string[], timeoutMs: number, common = cluster): Promise<Asked> => {
    const result = await runner.run([...args, ...common], { timeoutMs });
    const command = commandText(args);
    if (result.timedOut) throw IstioctlTimeout.of(command, timeoutMs, lastWords(result));
    return { ...result, command };
  };
  const succeed = async (args: readonly string[], timeoutMs: number, common = cluster): Promise<Asked> => {
    const asked = await ask(args, timeoutMs, common);
    if (asked.exitCode !== 0) throw failure(asked);
    return asked;
  };

  return {
    version: async () => {
      const asked = await succeed(['version', '--remote=false', '-o', 'json'], timeouts.localMs, quiet);
      return read(asked, (stdout) => clientVersion.parse(readJson(stdout)).clientVersion.version);
    },

    precheck: async () => {
      const asked = await ask(['x', 'precheck', '-o', 'json'], timeouts.analyzeMs);
      const { exitCode, stdout, stderr } = asked;
      // Without findings it prints nothing on stdout, so that the sentence on stderr is the only proof that it looked.
      if (exitCode === 0 && stdout.trim() === '' && stderr.includes('No issues found')) return [];
      // Exit 1 stands for findings as well as for failures; only findings come with JSON.
      if (exitCode !== 0 && !(exitCode === 1 && /^\[/m.test(stdout))) throw failure(asked);
      return read(asked, parseFindings);
    },

    analyze: async (revision) =>
      read(
        await succeed(['analyze', '--all-namespaces', '-o', 'json', '--revision', revision], timeouts.analyzeMs),
        parseFindings,
      ),

    tagConflicts: async (tag, revision) => {
      const asked = await ask(['tag', 'generate', tag, '--revision', revision, '--overwrite'], timeouts.readMs);
      const { exitCode, stdout, stderr } = asked;
      // For example no such revision, or two webhooks that both claim to be it.
      if (exitCode !== 0 && stderr.includes('Error: cannot modify tag:')) return lastWords(asked);
      if (exitCode !== 0) throw failure(asked);
      if (!/^kind: MutatingWebhookConfiguration$/m.test(stdout)) throw unreadable(asked, 'it holds no webhook');
      return stderr.includes('would conflict') ? conflictsIn(stderr) : '';
    },

    // With -y, since without it a conflict makes istioctl ask nobody, decline, and exit 0.
    setTag: async (tag, revision, { autoInjectNamespaces = false } = {}) => {
      const args = ['tag', 'set', tag, '--revision', revision, '--overwrite', '-y'];
      // Must be repeated: a plain `tag set` takes the webhook away that it once added.
      await succeed([...args, ...(autoInjectNamespaces ? ['--auto-inject-namespaces'] : [])], timeouts.writeMs);
    },

    manifest: async (install) => {
      const args = ['manifest', 'generate', ...installArguments(install, options.istioNamespace)];
      return read(await succeed(args, timeouts.localMs), parseManifest);
    },

    install: async (install) => {
      const args = [
        ...['install', '-y', ...installArguments(install, options.istioNamespace)],
        ...['--readiness-timeout', `${Math.ceil(install.readinessTimeoutMs / 1000)}s`],
      ];
      await succeed(args, install.readinessTimeoutMs + timeouts.writeMs);
    },

    uninstallPreview: async (revision) => {
      const asked = await ask(['uninstall', '--revision', revision, '--dry-run'], timeouts.readMs);
      if (isGone(asked)) return [];
      if (asked.exitCode !== 0) throw failure(asked);
      return read(asked, parseRemovals);
    },

    uninstall: async (revision) => {
      const asked = await ask(['uninstall', '--revision', revision, '-y'], timeouts.writeMs);
      if (asked.exitCode !== 0 && !isGone(asked)) throw failure(asked);
    },

    connectedProxies: async (revision) => {
      const asked = await ask(['proxy-status', '-o', 'json', '--revision', revision], timeouts.readMs);
      // No istiod of this revision runs, so that nothing can be connected to it.
      if (asked.exitCode === 1 && asked.stderr.includes('Error: no running Istio pods in')) return [];
      if (asked.exitCode !== 0) throw failure(asked);
      return read(asked, parseProxyStatus);
    },
  };
}

interface Asked extends ProcessResult {
  command: string;
}

/** Only istiod and what it needs: gateways are upgraded by stage 4, tags are moved by stage 3. */
function installArguments({ revision, valuesFile, set }: Install, istioNamespace: string): string[] {
  return [
    ...['--set', 'profile=minimal', '--revision', revision],
    // `--istioNamespace` does not reach the charts.
    ...['--set', `values.global.istioNamespace=${istioNamespace}`],
    ...(valuesFile === undefined ? [] : ['-f', valuesFile]),
    ...set.flatMap((pair) => ['--set', pair]),
  ];
}

/** Uninstalled before: the answer to a second `uninstall`, which is no failure of the second. */
function isGone({ exitCode, stderr }: Asked): boolean {
  return exitCode === 1 && stderr.includes('Error: could not find target revision');
}

function read<Result>(asked: Asked, parse: (stdout: string) => Result): Result {
  try {
    return parse(asked.stdout);
  } catch (thrown) {
    throw unreadable(asked, thrown instanceof z.ZodError ? z.prettifyError(thrown) : messageOf(thrown), thrown);
  }
}

function unreadable({ command, stdout }: Asked, problem: string, cause?: unknown) {
  return IstioctlUnreadable.because(cause, command, problem, stdout.trimStart().slice(0, 200));
}

function failure(asked: Asked) {
  const { command, exitCode } = asked;
  return IstioctlFailed.of(command, `exit code ${exitCode}`, lastWords(asked));
}

/** One line for each conflict, without the line that announces them. */
function conflictsIn(stderr: string): string {
  const announced = stderr.indexOf('would conflict');
  return stripVTControlCharacters(stderr.slice(stderr.indexOf('\n', announced) + 1)).trim();
}

/** As one would type it, without what stands in every call. */
function commandText(args: readonly string[]): string {
  return ['istioctl', ...args].map((part) => (/^[\w@%+=:,./*-]+$/.test(part) ? part : `'${part}'`)).join(' ');
}
