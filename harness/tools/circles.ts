/** `npm run circles`: counts folders and files that import each other in a circle; ends with 1 when there are any. */
import { circlesOf, edgesOf, importsOf, sourcesIn } from './imports.ts';
import { layerOf } from './layers.ts';

const imports = ['src', 'harness']
  .flatMap(sourcesIn)
  .flatMap(importsOf)
  .filter(({ target }) => /^(src|harness)\/.*\.ts$/.test(target));
const circles = { folders: circlesOf(edgesOf(imports, layerOf)), files: circlesOf(edgesOf(imports)) };

for (const [what, found] of Object.entries(circles)) {
  console.log(`circles of ${what}: ${found.length}`);
  for (const members of found) console.log(`  ${members.join(', ')}`);
}
process.exitCode = circles.folders.length + circles.files.length === 0 ? 0 : 1;
