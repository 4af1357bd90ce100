import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createSim } from '../../../harness/rehearsal/sim/create-sim.ts';
import { type ServedSim, type ServeOptions, serveSim } from '../../../harness/rehearsal/sim/serve/serve-sim.ts';
import { ScrapeIntervalMs } from '../../../harness/rehearsal/sim/serve/served-config.ts';

export interface Serving extends ServedSim {
  folder: string;
}

/** The seed mesh, served until the test is over. */
export async function serving({
  servedBeforeMs = 0,
  ...options
}: Partial<ServeOptions> & { servedBeforeMs?: number } = {}): Promise<Serving> {
  const sim = await createSim({ seed: 1, scrapeIntervalMs: ScrapeIntervalMs });
  await sim.advance(servedBeforeMs);
  const folder = mkdtempSync(join(tmpdir(), 'served-sim-'));
  const served = await serveSim(sim, { folder, ...options });
  onTestFinished(async () => {
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...served, folder };
}
