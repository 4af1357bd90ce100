import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDist, bundleName } from './bundle.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

const files = await buildDist(root);
// Nothing that the sources do not build may stay.
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const [name, contents] of files) {
  writeFileSync(join(dist, name), contents);
  console.log(`dist/${name}: ${(contents.length / 1e6).toFixed(2)} MB`);
}
// It is the package's command.
chmodSync(join(dist, bundleName), 0o755);
