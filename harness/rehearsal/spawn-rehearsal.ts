import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { execa } from 'execa';
import type { RunReport } from '../../src/report/run-report.ts';
import type { SeenRequests } from '../proof/kind/requests.ts';
import type { Backend } from './model/backend.ts';

/** What a rehearsal leaves behind. */
export interface RehearsalReport {
  durationMs: number;
  /** Of the mesh before the first run. */
  pods: number;
  expectations: readonly { claim: string; holds: boolean }[];
  reports: readonly Pick<RunReport, 'outcome' | 'cost'>[];
  requests: readonly SeenRequests[];
}

export interface Rehearsed {
  /** Undefined when everything held. */
  failed: string | undefined;
  /** Undefined when it did not begin, or did not come to its end. */
  report: RehearsalReport | undefined;
}

export interface SpawnOptions {
  backend: Backend['name'];
  /** A name or a file. */
  scenario: string;
  /** More words for its command line. */
  words?: readonly string[];
  reportFolder: string;
  tell: (text: string) => void;
  signal: AbortSignal;
}

const program = join(import.meta.dirname, 'rehearse.ts');
/** Binaries that are built first included. */
const TIMEOUT_MS = 60 * 60_000;

/**
 * Rehearses one scenario in a separate process, and tells what it prints.
 * @throws what the signal was aborted with
 */
export async function spawnRehearsal({
  backend,
  scenario,
  words = [],
  reportFolder,
  tell,
  signal,
}: SpawnOptions): Promise<Rehearsed> {
  const args = ['--backend', backend, '--scenario', scenario, ...words, '--report-folder', reportFolder];
  const run = execa(process.execPath, [program, ...args], {
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
  const name = basename(scenario, extname(scenario));
  const report = readReport(join(reportFolder, `rehearsal-report-${name}-${backend}.json`));
  return { failed: whyFailed(exitCode ?? null, report, log), report };
}

/** @returns undefined when everything held; else a code of the run and the first expectation that does not hold, or what refused to begin */
export function whyFailed(
  exitCode: number | null,
  report: (Pick<RehearsalReport, 'expectations'> & { reports: readonly Pick<RunReport, 'outcome'>[] }) | undefined,
  log: string,
): string | undefined {
  if (exitCode === 0) return undefined;
  // It did not begin, or did not come to its end: its last line says why.
  if (report === undefined) return log.trim().split('\n').at(-1) || `exit code ${exitCode}`;
  const code = report.reports.flatMap(({ outcome }) => outcome?.problems ?? [])[0]?.code;
  const claim = report.expectations.find(({ holds }) => !holds)?.claim;
  return [code, claim === undefined ? undefined : `not so: ${claim}`].filter((part) => part !== undefined).join(', ');
}

function readReport(file: string): RehearsalReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RehearsalReport;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure;
  }
}
