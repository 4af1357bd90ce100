import { Worker } from 'node:worker_threads';
import type { Goldens, Job, JobResult } from './job.ts';

/** Spreads jobs over worker threads; each has one at a time. Results come as they are had. */
export async function inWorkers(
  jobs: Iterable<Job>,
  { count, goldens, had }: { count: number; goldens: Goldens; had: (result: JobResult) => void },
): Promise<void> {
  const queue = jobs[Symbol.iterator]();
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { goldens } });
      const next = () => {
        const { value, done } = queue.next();
        if (done === true) void worker.terminate().then(() => resolve());
        else worker.postMessage(value);
      };
      worker.on('message', (message: JobResult | 'ready') => {
        if (message !== 'ready') had(message);
        next();
      });
      worker.on('error', reject);
    });
  await Promise.all(Array.from({ length: count }, work));
}
