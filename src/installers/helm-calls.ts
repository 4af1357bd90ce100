import { lastWords } from '../istioctl/last-words.ts';
import { parseProblem } from '../istioctl/parse-problem.ts';
import type { ProcessResult, ProcessRunner } from '../istioctl/process-runner.ts';
import type { ReleaseName } from '../model/release-name.ts';
import { shellWord } from '../model/shell-word.ts';
import { HelmFailed, HelmTimeout, HelmUnreadable } from './helm-errors.ts';

export interface HelmOptions {
  /** Left out: helm uses `KUBECONFIG` or the home folder. */
  kubeconfig?: string;
  context?: string;
  /** Of one call. */
  timeoutMs: number;
}

interface Asked extends ProcessResult {
  /** As typed in a shell, without the options that every call has. */
  command: string;
}

/** Calls of one helm against one cluster. */
export class HelmCalls {
  readonly #runner: ProcessRunner;
  readonly #cluster: readonly string[];
  readonly #timeoutMs: number;

  constructor(runner: ProcessRunner, { kubeconfig, context, timeoutMs }: HelmOptions) {
    this.#runner = runner;
    this.#timeoutMs = timeoutMs;
    this.#cluster = [
      ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
      ...(context === undefined ? [] : ['--kube-context', context]),
    ];
  }

  /** Runs to the end, whatever the exit code. @throws HELM_TIMEOUT */
  async ask(args: readonly string[], stdin?: string): Promise<Asked> {
    const timeoutMs = this.#timeoutMs;
    const result = await this.#runner.run([...args, ...this.#cluster], {
      timeoutMs,
      ...(stdin === undefined ? {} : { stdin }),
    });
    const command = ['helm', ...args].map(shellWord).join(' ');
    if (result.timedOut) throw HelmTimeout.of(command, timeoutMs, lastWords(result));
    return { ...result, command };
  }

  /** @throws HELM_TIMEOUT, HELM_FAILED */
  async succeed(args: readonly string[], stdin?: string): Promise<Asked> {
    const asked = await this.ask(args, stdin);
    if (asked.exitCode !== 0) throw failure(asked);
    return asked;
  }

  /** What a command says of a release; `undefined` when there is no such release. @throws HELM_TIMEOUT, HELM_FAILED */
  async ofRelease(words: readonly string[], { name, namespace }: ReleaseName): Promise<Asked | undefined> {
    const asked = await this.ask([...words, name, '-n', namespace]);
    if (asked.exitCode !== 0 && asked.stderr.includes('release: not found')) return undefined;
    if (asked.exitCode !== 0) throw failure(asked);
    return asked;
  }
}

export const failure = (asked: Asked) => HelmFailed.of(asked.command, asked.exitCode, lastWords(asked));

/** @throws HELM_UNREADABLE when `parse` does not accept what it printed */
export function read<Result>({ command, stdout }: Asked, parse: (stdout: string) => Result): Result {
  try {
    return parse(stdout);
  } catch (thrown) {
    throw HelmUnreadable.because(thrown, command, parseProblem(thrown), stdout.trimStart().slice(0, 200));
  }
}
