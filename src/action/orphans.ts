import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runMarker } from './environment.ts';

const graceMs = 2_000;

/**
 * Ends the processes that a killed run has left behind, istioctl for example: the runner kills only the entry process, and
 * an orphan would continue to change the cluster beside the next run. Works on Linux only; elsewhere there is no /proc to read.
 * @returns what was ended, by name and pid
 */
export async function endOrphans(runId: string): Promise<readonly string[]> {
  const found = runId === '' ? [] : orphansOf(runId);
  for (const { pid } of found) signal(pid, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (found.some(({ pid }) => isOf(pid, runId)) && Date.now() < deadline) await sleep(50);
  for (const { pid } of found) if (isOf(pid, runId)) signal(pid, 'SIGKILL');
  return found.map(({ pid, name }) => `${name} (pid ${pid})`);
}

function orphansOf(runId: string): { pid: number; name: string }[] {
  return listing('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && isOf(pid, runId))
    .map((pid) => ({ pid, name: text(`/proc/${pid}/comm`).trim() }));
}

const isOf = (pid: number, runId: string): boolean =>
  text(`/proc/${pid}/environ`).split('\0').includes(`${runMarker}=${runId}`);

/** A process may end between two reads, or belong to another user: then there is nothing to read. */
function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'ESRCH') throw failure;
  }
}
