import { mkdtempSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { spawnRehearsal } from '../../rehearsal/spawn-rehearsal.ts';
import { type RunLine, runLine } from './run-line.ts';

export interface RepeatOptions {
  times: number;
  tell: (text: string) => void;
  signal: AbortSignal;
  /** For the reports and the logs of nodes; left out: a new one among the temporary folders. */
  folder?: string;
  rehearse?: typeof spawnRehearsal;
  now?: () => number;
  load?: () => number;
}

/**
 * Rehearses a scenario on kind again and again, each time on a new cluster. A run that fails does not keep the next one from its start.
 * Reports and the logs of nodes stay in a folder for each run, which is told.
 * @throws what the signal was aborted with
 */
export async function* repeat(
  scenario: string,
  {
    times,
    tell,
    signal,
    folder = mkdtempSync(join(tmpdir(), 'reliability-')),
    rehearse = spawnRehearsal,
    now = Date.now,
    load = () => loadavg()[0] ?? 0,
  }: RepeatOptions,
): AsyncGenerator<RunLine> {
  const name = basename(scenario, extname(scenario));
  for (let run = 1; run <= times; run += 1) {
    const reportFolder = join(folder, String(run));
    tell(`\n== ${name}, run ${run} of ${times}; its logs: ${reportFolder}\n`);
    const startedAt = now();
    const ended = await rehearse({ backend: 'kind', scenario, reportFolder, tell, signal });
    yield runLine({ ...ended, scenario: name, startedAt, endedAt: now(), load: load() });
  }
}
