import { chooseCells } from './cells.ts';
import { type Run, runOnce } from './run-cell.ts';

/** Some runs of one cell: numbers from `from` up to, without, `to`. */
export interface Job {
  cell: string;
  seed: number;
  from: number;
  to: number;
}

export interface JobResult {
  job: Job;
  runs: readonly Run[];
}

/** @throws CellUnknown */
export function runJob(job: Job): JobResult {
  const [cell] = chooseCells([job.cell]);
  if (cell === undefined) throw new Error(`no cell "${job.cell}"`);
  const runs = Array.from({ length: job.to - job.from }, (_, index) => runOnce(cell, job.seed, job.from + index));
  return { job, runs };
}
