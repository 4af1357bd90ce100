import { parentPort, workerData } from 'node:worker_threads';
import { type Goldens, type Job, runJob } from './job.ts';
import { ours } from './ours.ts';

/** Runs the jobs that it is sent, one after the other. */
const { goldens } = workerData as { goldens: Goldens };
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker');
port.on('message', async (job: Job) => port.postMessage(await runJob(ours, goldens, job)));
port.postMessage('ready');
