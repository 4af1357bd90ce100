import { Worker } from 'node:worker_threads';
import type { Job, JobResult } from './job.ts';

/** Spreads jobs over worker threads; each has one at a time. Results come as they are ready. */
export async function inThreads(
  jobs: readonly Job[],
  count: number,
  finished: (result: JobResult) => void,
): Promise<void> {
  const queue = jobs.values();
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url));
      worker.on('message', (message: JobResult | 'ready') => {
        if (message !== 'ready') finished(message);
        const { value, done } = queue.next();
        if (done === true) void worker.terminate().then(() => resolve(), reject);
        else worker.postMessage(value);
      });
      worker.on('error', reject);
    });
  await Promise.all(Array.from({ length: count }, work));
}
