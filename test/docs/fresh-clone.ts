import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDist, bundleName } from '../../harness/tools/bundle.ts';

const root = join(import.meta.dirname, '../..');

/** What a clone does not have, or has of its own. */
const own = ['.git', 'dist', 'practice', 'istio-upgrade.yaml'];

/** Makes `folder` what a newcomer has after `git clone` and `npm ci`, with the program as the sources give it today. */
export async function freshClone(folder: string): Promise<void> {
  mkdirSync(join(folder, 'dist'), { recursive: true });
  for (const name of readdirSync(root)) if (!own.includes(name)) symlinkSync(join(root, name), join(folder, name));
  const program = (await buildDist(root)).get(bundleName);
  if (program === undefined) throw new Error(`the build gives no ${bundleName}`);
  writeFileSync(join(folder, 'dist', bundleName), program);
  chmodSync(join(folder, 'dist', bundleName), 0o755);
}
