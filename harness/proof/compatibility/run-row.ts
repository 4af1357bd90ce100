import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnRehearsal } from '../../rehearsal/spawn-rehearsal.ts';
import { wantsOwnEngine } from '../containers/inside.ts';
import type { Row } from './matrix.ts';
import type { Result } from './record.ts';

/**
 * Rehearses one row in a separate process, and tells what it prints.
 * @throws what the signal was aborted with
 */
export async function runRow(row: Row, tell: (text: string) => void, signal: AbortSignal): Promise<Result> {
  const { hop, kubernetes, backend, scenario } = row;
  const reportFolder = mkdtempSync(join(tmpdir(), 'compatibility-'));
  const words = ['--hop', hop, ...(backend === 'sim' ? [] : ['--kubernetes', kubernetes])];
  const startedAt = Date.now();
  let isKept = false;
  try {
    const { failed, report } = await spawnRehearsal({ backend, scenario, words, reportFolder, tell, signal });
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
    if (!isKept) rmSync(reportFolder, { recursive: true, force: true });
  }
}

const imagesHere = async () => ((await wantsOwnEngine(process.env)) ? 'built' : 'registry');
