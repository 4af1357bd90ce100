import { styleText } from 'node:util';
import type { TimedEvent } from '../model/events.ts';
import { hideSecrets } from '../secrecy/hide-secrets.ts';
import { oneEntry } from './neutralise.ts';
import { quietWaits } from './quiet-waits.ts';
import { runLines } from './run-lines.ts';

export interface Screen {
  write(text: string): void;
  isTTY: boolean;
  columns: number;
  /** Every restart gets a line. */
  verbose?: boolean;
}

/**
 * Prints a run to a screen. A plain log gets the lines of `runLines` and one for a wait now and then; a terminal
 * has one line that is rewritten while something is waited for.
 */
export function consoleTeller(screen: Screen): { receive(event: TimedEvent): void; close(): void } {
  let since: number | undefined;
  const isWorthALine = quietWaits();
  const linesOf = runLines(screen.verbose);
  let transient = false;
  const clear = () => {
    if (transient) screen.write('\r\u001b[2K');
    transient = false;
  };
  return {
    receive(event) {
      since ??= event.at;
      const lines = linesOf(event, since).map((text) => oneEntry(hideSecrets(text)));
      // The line of the wait stays.
      if (event.kind === 'snapshot' && lines.length === 0) return;
      if (event.kind === 'waiting') {
        if (screen.isTTY) {
          clear();
          screen.write(
            lines
              .join(' ')
              .replaceAll('\n', ' ')
              .slice(0, Math.max(20, screen.columns - 1))
              .toWellFormed(),
          );
          transient = true;
        } else if (isWorthALine(event)) {
          screen.write(`${lines.join('\n')}\n`);
        }
        return;
      }
      clear();
      if (lines.length > 0) screen.write(`${lines.map((text) => (screen.isTTY ? coloured(text) : text)).join('\n')}\n`);
    },
    close: clear,
  };
}

function coloured(text: string): string {
  if (text.includes('✘')) return styleText('red', text, { validateStream: false });
  if (text.includes('✔')) return styleText('green', text, { validateStream: false });
  return text.includes('↩') || text.includes(' ! ') ? styleText('yellow', text, { validateStream: false }) : text;
}
