import { readdirSync, readFileSync } from 'node:fs';

export interface Orphan {
  pid: number;
  command: string;
}

/** Processes that still carry the job's tracking id, as the runner looks for them at the end (JobExtension.cs). Linux only. */
export function orphansOf(trackingId: string): readonly Orphan[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && read(pid, 'environ').includes(`RUNNER_TRACKING_ID=${trackingId}`))
    .map((pid) => ({ pid, command: read(pid, 'cmdline').join(' ').trim() }))
    .filter(({ command }) => command !== '');
}

export function endOrphans(orphans: readonly Orphan[]): void {
  for (const { pid } of orphans) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== 'ESRCH') throw failure;
    }
  }
}

/** A process may end between two looks. */
function read(pid: number, file: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
