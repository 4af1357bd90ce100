import { join, relative } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { leanModules } from './lean-modules.ts';
import { renderLicences } from './third-party-licences.ts';

interface Bundle {
  entry: string;
  name: string;
  sourcemap: 'linked' | false;
  plugins: Plugin[];
}

export const bundleName = 'main.cjs';

const bundles: readonly Bundle[] = [
  { entry: 'src/main.ts', name: bundleName, sourcemap: 'linked', plugins: [leanModules] },
  // The simulator is a separate bundle: an upgrade does not load it, and `src` does not import it.
  // A fault in a rehearsal harms no mesh, and happens again from the sources: a map would be half of it once more.
  {
    entry: 'harness/rehearsal/inventory/action-main.ts',
    name: 'rehearse.cjs',
    sourcemap: false,
    plugins: [leanModules],
  },
];

/** What a bundle is made with; all paths in it and in its map are relative to the root, so that any checkout gives the same bytes. */
const settings = {
  bundle: true,
  platform: 'node',
  // As ES module it would need a `require` of its own for the parts that are CommonJS (yaml, undici, semver).
  format: 'cjs',
  // The oldest that we run on, and what composite steps find on GitHub's images.
  target: 'node22',
  // Classes of errors are told apart by name in logs.
  keepNames: true,
  // Nothing is minified: a reviewer can read what changed, and start-up gains nothing by it.
  minify: false,
  // The sources lie beside dist/ in every checkout; names and lines suffice for stacks, and the map stays half the size.
  sourcesContent: false,
  // licenses.txt holds them whole.
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'silent',
} as const satisfies BuildOptions;

/**
 * All files of dist/ by name, as the sources and the installed packages give them; writes nothing.
 * @throws Error on anything that esbuild warns of, and when a package in the bundle has no licence
 */
export async function buildDist(root: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const parts: string[] = [];
  for (const { entry, name, sourcemap, plugins } of bundles) {
    const outfile = `dist/${name}`;
    const options = { ...settings, entryPoints: [entry], outfile, sourcemap, plugins, absWorkingDir: root };
    const { outputFiles, metafile, warnings } = await build(options);
    if (warnings.length > 0) throw new Error(`esbuild warns: ${warnings.map(({ text }) => text).join('; ')}`);
    for (const { path, text } of outputFiles)
      files.set(relative(join(root, 'dist'), path), new TextEncoder().encode(ascii(text)));
    parts.push(...bundledFiles(metafile, outfile));
  }
  files.set('licenses.txt', new TextEncoder().encode(renderLicences(root, parts)));
  return files;
}

/**
 * Keeps the bundle in one byte a character. esbuild writes code so, but keeps comments as they are, and a single dash in one of
 * them makes Node hold and read the whole as two: 15 ms of every start.
 */
const ascii = (text: string): string =>
  text.replaceAll(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The files of which something is left in a bundle. */
function bundledFiles({ outputs }: Metafile, outfile: string): string[] {
  const output = outputs[outfile];
  if (output === undefined) throw new Error(`esbuild made no ${outfile}`);
  return Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []));
}
