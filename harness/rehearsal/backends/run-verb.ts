import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Options, ResultPromise } from 'execa';
import type { RunReport } from '../../../src/report/run-report.ts';
import { type Ran, type RunOptions, workBegan } from '../model/backend.ts';

/** How the command line of the product is started. */
export interface CommandLine {
  /** `src/main.ts`, or the committed bundle. */
  main: string;
  configFile: string;
  /** Where the report goes meanwhile. */
  folder: string;
  timeoutMs: number;
  exec<O extends Options>(file: string, args: readonly string[], options: O): ResultPromise<O>;
}

/** Runs one verb in a process of its own, to its end or until it is killed. */
export async function runVerb(
  { main, configFile, folder, timeoutMs, exec }: CommandLine,
  verb: string,
  tell: (text: string) => void,
  { killAt, killAfterMs, through }: RunOptions,
): Promise<Ran> {
  const reportFile = join(folder, 'report.json');
  rmSync(reportFile, { force: true });
  const writesReport = verb === 'upgrade' || verb === 'rollback' || verb === 'finalize';
  const goal = through === undefined ? [] : ['--through', through];
  const args = [main, verb, '--config', configFile, ...goal, ...(writesReport ? ['--report', reportFile] : [])];
  const run = exec(process.execPath, args, { reject: false, all: true, timeout: timeoutMs, buffer: false });
  let log = '';
  let killed = false;
  let timer: NodeJS.Timeout | undefined;
  const kill = () => {
    killed = run.kill('SIGKILL') || killed;
  };
  for await (const chunk of run.iterable({ from: 'all', binary: true })) {
    const text = Buffer.from(chunk as Uint8Array).toString();
    log += text;
    tell(text);
    if (killAt !== undefined && log.includes(killAt)) kill();
    if (killAfterMs !== undefined && workBegan.test(log)) timer ??= setTimeout(kill, killAfterMs);
  }
  clearTimeout(timer);
  const { exitCode } = await run;
  const report = killed || !writesReport ? undefined : readReport(reportFile);
  return { exitCode: killed ? null : (exitCode ?? null), log, report };
}

/** A verb that refused its input has no report. */
function readReport(file: string): RunReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunReport;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure;
  }
}
