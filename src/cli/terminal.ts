/** The parts of the process that the command line uses. */
export interface Terminal {
  /** Results, on stdout. */
  out(text: string): void;
  /** Progress and errors, on stderr. */
  log(text: string): void;
  isTTY: boolean;
  columns: number;
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
    env: host.env,
    signal: interruption.signal,
    close: () => {
      host.off('SIGINT', onSignal);
      host.off('SIGTERM', onSignal);
    },
  };
}
