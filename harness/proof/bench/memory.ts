import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundle } from './bundle.ts';
import { kubeconfigFor } from './kubeconfig-for.ts';
import { SyntheticApi, type SyntheticSize } from './synthetic-api.ts';

/** What the product's view of a mesh weighs at one moment; bytes. */
export interface Weight {
  what: 'listed' | 'replaced' | 'at rest';
  heapUsed: number;
  rss: number;
  /** The most since the process began. */
  peakRss: number;
}

/**
 * The memory of the part that reads a big mesh, bundled as it is shipped and in a process of its own: after the lists, after
 * every pod was replaced while it watched, and at rest.
 */
export async function weigh(size: SyntheticSize, flags: readonly string[] = []): Promise<readonly Weight[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-memory-'));
  const api = new SyntheticApi(size);
  try {
    const server = await api.listen();
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, kubeconfigFor(server));
    const observer = join(folder, 'observer.mjs');
    await bundle(join(import.meta.dirname, 'observer.ts'), observer);
    const weights: Weight[] = [];
    const child = spawn(process.execPath, ['--expose-gc', ...flags, observer, kubeconfig, String(size.pods)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // As action.yml runs it.
      env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    for await (const line of createInterface({ input: child.stdout })) {
      const weight = JSON.parse(line) as Weight;
      weights.push(weight);
      if (weight.what === 'listed') await api.replacePods();
    }
    const code = await exited;
    if (code !== 0 || weights.length < 3)
      throw new Error(`the observer ended with ${code} after ${weights.length} readings`);
    return weights;
  } finally {
    api.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
