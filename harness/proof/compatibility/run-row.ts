import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { RunReport } from '../../../src/report/run-report.ts';
import { wantsOwnEngine } from '../containers/inside.ts';
import type { Row } from './matrix.ts';
import type { Result } from './record.ts';

/** What a rehearsal leaves behind. */
export interface RehearsalReport {
  durationMs: number;
  expectations: readonly { claim: string; holds: boolean }[];
  reports: readonly Pick<RunReport, 'outcome'>[];
}

const rehearsal = join(import.meta.dirname, '../../rehearsal/rehearse.ts');
/** Binaries that are built first included. */
const TIMEOUT_MS = 60 * 60_000;

/**
 * Rehearses one row in a separate process, and tells what it prints.
 * @throws what the signal was aborted with
 */
export async function runRow(row: Row, tell: (text: string) => void, signal: AbortSignal): Promise<Result> {
  const { hop, kubernetes, backend, scenario } = row;
  const folder = mkdtempSync(join(tmpdir(), 'compatibility-'));
  const where = backend === 'sim' ? [] : ['--kubernetes', kubernetes];
  const words = ['--backend', backend, '--scenario', scenario, '--hop', hop, ...where, '--report-folder', folder];
  const startedAt = Date.now();
  let isKept = false;
  try {
    const run = execa(process.execPath, [rehearsal, ...words], {
      reject: false,
      all: true,
      buffer: false,
      timeout: TIMEOUT_MS,
      cancelSignal: signal,
      // It deletes its cluster, or ends its lab, before it ends.
      forceKillAfterDelay: 120_000,
    });
    let log = '';
    for await (const chunk of run.iterable({ from: 'all', binary: true })) {
      const text = Buffer.from(chunk as Uint8Array).toString();
      log += text;
      tell(text);
    }
    const { exitCode } = await run;
    signal.throwIfAborted();
    const report = readReport(join(folder, `rehearsal-report-${scenario}-${backend}.json`));
    const failed = whyFailed(exitCode ?? null, report, log);
    isKept = failed !== undefined;
    return {
      ...row,
      date: new Date(startedAt).toISOString().slice(0, 10),
      ...(failed !== undefined && { failed }),
      durationMs: report?.durationMs ?? Date.now() - startedAt,
      ...(backend === 'kind' && { images: await imagesHere() }),
    };
  } finally {
    // The report of a failure is needed.
    if (!isKept) rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns undefined when everything held */
export function whyFailed(
  exitCode: number | null,
  report: RehearsalReport | undefined,
  log: string,
): string | undefined {
  if (exitCode === 0) return undefined;
  // It did not begin, or did not come to its end: its last line says why.
  if (report === undefined) return log.trim().split('\n').at(-1) || `exit code ${exitCode}`;
  const code = report.reports.flatMap(({ outcome }) => outcome?.problems ?? [])[0]?.code;
  const claim = report.expectations.find(({ holds }) => !holds)?.claim;
  return [code, claim === undefined ? undefined : `not so: ${claim}`].filter((part) => part !== undefined).join(', ');
}

const imagesHere = async () => ((await wantsOwnEngine(process.env)) ? 'built' : 'registry');

function readReport(file: string): RehearsalReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RehearsalReport;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure;
  }
}
