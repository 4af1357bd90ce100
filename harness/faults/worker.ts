import { parentPort, workerData } from 'node:worker_threads';
import { contenderNamed } from './contenders.ts';
import { type Goldens, type Job, runJob } from './job.ts';

/** Runs the jobs that it is sent, one after the other. */
const { contender: name, goldens } = workerData as { contender: string; goldens: Goldens };
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker');
const contender = await contenderNamed(name);
port.on('message', async (job: Job) => port.postMessage(await runJob(contender, goldens, job)));
port.postMessage('ready');
