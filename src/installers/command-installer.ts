import { createHash } from 'node:crypto';
import { lastWords } from '../istioctl/last-words.ts';
import { createProcessRunner, type ProcessResult, type ProcessRunnerOptions } from '../istioctl/process-runner.ts';
import type { Installer } from '../ports/installer.ts';
import { CommandFailed, CommandMissing, CommandTimeout } from './command-errors.ts';

/** Words in which `{revision}`, `{version}` and `{tag}` are replaced. */
export interface Commands {
  install: readonly string[];
  remove: readonly string[];
  timeoutMs: number;
}

/** Starts a program with its arguments, without a shell, and waits for its end. */
export type Start = (words: readonly string[], timeoutMs: number) => Promise<ProcessResult>;

type StartOptions = Pick<ProcessRunnerOptions, 'env' | 'signal'> & { folder: string };

/** Each call runs in its own process group, which is ended at the deadline. */
export const startIn =
  (options: StartOptions): Start =>
  async ([binary = '', ...args], timeoutMs) =>
    await createProcessRunner({ ...options, binary, missing: CommandMissing.because }).run(args, { timeoutMs });

/**
 * Installs and removes istiods by commands of the user. They cannot show what they would do: an exit code other than 0 ends the
 * effect, and 0 proves nothing.
 */
export function commandInstaller(start: Start, { install, remove, timeoutMs }: Commands, tag: string): Installer {
  const call = async (words: readonly string[]): Promise<void> => {
    const result = await start(words, timeoutMs);
    const command = words.map(shown).join(' ');
    if (result.timedOut) throw CommandTimeout.of(command, timeoutMs, lastWords(result));
    if (result.exitCode !== 0) throw CommandFailed.of(command, result.exitCode, lastWords(result));
  };
  const wordsOf = (words: readonly string[], revision: string, version: string): readonly string[] =>
    words.map((word) =>
      word.replaceAll('{revision}', revision).replaceAll('{version}', version).replaceAll('{tag}', tag),
    );
  return {
    preview: async ({ revision, version }) => ({
      objects: [],
      configuring: [],
      hash: hashOf(wordsOf(install, revision, version)),
      isUnseen: true,
    }),
    install: async ({ revision, version }) => await call(wordsOf(install, revision, version)),
    previewRemoval: async () => [],
    remove: async ({ revision, version }) => await call(wordsOf(remove, revision, version)),
  };
}

const hashOf = (words: readonly string[]): string => createHash('sha256').update(JSON.stringify(words)).digest('hex');

const shown = (word: string): string => (/^[\w@%+=:,./*{}-]+$/.test(word) ? word : `'${word}'`);
