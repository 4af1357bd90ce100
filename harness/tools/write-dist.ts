import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDist, bundleName } from './bundle.ts';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');

const files = await buildDist(root);
mkdirSync(dist, { recursive: true });
for (const [name, contents] of files) {
  const begun = join(dist, `.${name}`);
  writeFileSync(begun, contents);
  // It is the package's command.
  chmodSync(begun, name === bundleName ? 0o755 : 0o644);
  // At once: a rehearsal may be starting the old one at this moment.
  renameSync(begun, join(dist, name));
  console.log(`dist/${name}: ${(contents.length / 1e6).toFixed(2)} MB`);
}
// Nothing that the sources do not build may stay.
for (const name of readdirSync(dist)) if (!files.has(name)) rmSync(join(dist, name), { recursive: true });
