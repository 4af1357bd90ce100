import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { waitUntil } from './wait-until.ts';

/**
 * Runs `work` while no other process holds the lock; a lock whose holder is dead is taken over.
 * @param onWait called once, with the holder's pid, when another process holds it
 */
export async function withLockFile<T>(
  path: string,
  {
    deadlineMs,
    onWait,
    signal,
  }: { deadlineMs: number; onWait: (pid: number) => void; signal?: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<T> {
  let told = false;
  const claim = () => {
    if (take(path)) return true;
    const holder = readHolder(path);
    if (holder && isAlive(holder)) {
      if (!told) onWait(holder.pid);
      told = true;
    } else if (holder) {
      discard(path);
    }
    return false;
  };
  await waitUntil(`the lock ${path}`, claim, { deadlineMs, everyMs: 50, signal });
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  const self = identify(process.pid);
  try {
    writeFileSync(path, JSON.stringify(self), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** @returns undefined while the holder is still writing it, or when it was given back just now */
function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

// Renaming first lets only one of several waiters remove a dead lock.
function discard(path: string): void {
  const grave = `${path}.dead-${process.pid}`;
  try {
    renameSync(path, grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  rmSync(grave, { force: true });
}
