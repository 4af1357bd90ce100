import { createInterface } from 'node:readline/promises';

/** The parts of the process that the command line uses. */
export interface Terminal {
  /** Results, on stdout. */
  out(text: string): void;
  /** Progress and errors, on stderr. */
  log(text: string): void;
  isTTY: boolean;
  columns: number;
  /** One question and its answer; absent without a terminal. */
  ask?: (question: string) => Promise<string>;
  env: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first SIGINT or SIGTERM; the second ends the process at once. */
  signal: AbortSignal;
  close(): void;
}

export function terminalOf(host: NodeJS.Process): Terminal {
  const interruption = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (interruption.signal.aborted) host.exit(130);
    host.stderr.write(`\n${name}: waiting for writes in flight to finish; send it again to end at once.\n`);
    interruption.abort(new Error(name));
  };
  host.on('SIGINT', onSignal);
  host.on('SIGTERM', onSignal);
  return {
    out: (text) => void host.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    log: (text) => void host.stderr.write(text),
    isTTY: host.stderr.isTTY === true,
    columns: host.stderr.columns ?? 100,
    ...(host.stdin?.isTTY === true && host.stderr.isTTY === true
      ? { ask: (question: string) => ask(host, question, interruption.signal) }
      : {}),
    env: host.env,
    signal: interruption.signal,
    close: () => {
      host.off('SIGINT', onSignal);
      host.off('SIGTERM', onSignal);
    },
  };
}

/** Without readline's own handling of keys, so that Ctrl-C stays a signal: it ends the question, and with it the run. */
async function ask({ stdin, stderr }: NodeJS.Process, question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr, terminal: false });
  // At the end of the input, which Ctrl-D is, the answer is none.
  const ended = new Promise<string>((resolve) => void lines.once('close', () => resolve('')));
  try {
    return await Promise.race([lines.question(question, { signal }), ended]);
  } catch (failure) {
    if (signal.aborted) return '';
    throw failure;
  } finally {
    // Also pauses the input, for which the process would wait otherwise.
    lines.close();
  }
}
