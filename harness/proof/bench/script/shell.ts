import type { Transport } from '../../../../src/kubernetes/transport.ts';
import type { Clock } from '../../../../src/model/clock.ts';
import type { Connection } from '../../faults/contender.ts';
import { CommandFailed } from './command-failed.ts';
import { Kubectl } from './kubectl.ts';

/** A script sets no limit of its own to istioctl; a job on a runner ends after six hours. */
const jobMs = 6 * 60 * 60_000;

interface ShellOptions {
  connection: Connection;
  clock: Clock;
  /** Of istioctl. */
  version: string;
  tell: (text: string) => void;
}

/** The commands of a script under `set -euo pipefail`: one that fails ends the script unless its result is checked. */
export class Shell {
  readonly kubectl: Kubectl;
  readonly #options: ShellOptions;
  #isDead = false;

  constructor(options: ShellOptions) {
    this.#options = options;
    const { connection, clock } = options;
    const transport: Transport = {
      send: async (request) => await this.#alive(() => connection.transport.send(request)),
    };
    this.kubectl = new Kubectl(transport, { now: () => clock.now(), sleep: (ms, signal) => clock.sleep(ms, signal) });
  }

  echo(text: string): void {
    if (!this.#isDead) this.#options.tell(text);
  }

  /** @returns what it printed */
  async istioctl(...args: readonly string[]): Promise<string> {
    const { connection, version } = this.#options;
    this.echo(`istioctl ${args.join(' ')}`);
    const { exitCode, stdout, stderr } = await this.#alive(() =>
      connection.istioctl(version).run(args, { timeoutMs: jobMs }),
    );
    if (exitCode !== 0) throw new CommandFailed(`istioctl ${args.join(' ')}`, exitCode, stderr);
    return stdout;
  }

  /** `for x in $(...)`: bash ignores that the command failed, and loops over nothing. */
  async forList(command: () => Promise<readonly string[]>): Promise<readonly string[]> {
    try {
      return await command();
    } catch (failure) {
      if (!(failure instanceof CommandFailed)) throw failure;
      this.echo(failure.message);
      return [];
    }
  }

  /** Nothing more is started, and what is under way never returns. */
  die(): void {
    this.#isDead = true;
  }

  async #alive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) return await never();
    const result = await work();
    return this.#isDead ? await never() : result;
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
