import { parentPort } from 'node:worker_threads';
import { type Job, runJob } from './job.ts';

/** Runs the jobs that it is sent, one after the other. */
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker');
port.on('message', (job: Job) => port.postMessage(runJob(job)));
port.postMessage('ready');
