/** The runner sends SIGTERM 7.5 s after SIGINT, and SIGKILL 2.5 s after that (actions/runner: ProcessInvoker.cs). */
const settleMs = 6_000;

export interface Interruption {
  signal: AbortSignal;
  close(): void;
}

/**
 * A cancelled job: writes in flight get six seconds to finish; then, or at SIGTERM, `lastWords` runs and the process ends, so
 * that it is never killed in the middle of its output.
 */
export function interruptionOf(
  host: Pick<NodeJS.Process, 'on' | 'off' | 'exit'>,
  { log, lastWords }: { log: (text: string) => void; lastWords: () => void },
): Interruption {
  const interruption = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    lastWords();
    host.exit(130);
  };
  const onInterrupt = () => {
    if (interruption.signal.aborted) return;
    log('Cancelled: nothing new is started; writes in flight may finish.');
    interruption.abort(new Error('SIGINT'));
    timer = setTimeout(end, settleMs);
    timer.unref();
  };
  host.on('SIGINT', onInterrupt);
  host.on('SIGTERM', end);
  return {
    signal: interruption.signal,
    close: () => {
      clearTimeout(timer);
      host.off('SIGINT', onInterrupt);
      host.off('SIGTERM', end);
    },
  };
}
