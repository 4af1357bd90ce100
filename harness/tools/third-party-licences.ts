import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const rule = '='.repeat(80);

/** Their texts are the same everywhere but for the names, so that naming the author is enough where a package brings no text. */
const wellKnown = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']);

/**
 * Name, version and licence of every package that one of the files belongs to, sorted by name.
 * @param files relative to the root; ours among them are skipped
 * @throws Error when a package says nothing of its licence
 */
export function renderLicences(root: string, files: readonly string[]): string {
  const folders = [...new Set(files.flatMap(packageFolder))];
  const entries = folders.map((folder) => readPackage(join(root, folder)));
  const byName = new Map(entries.map((entry) => [`${entry.name} ${entry.version}`, entry]));
  const sorted = [...byName].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    `dist/ contains these ${sorted.length} packages, each under its own licence.\n`,
    ...sorted.map(([title, { licence, text }]) => `${rule}\n${title} (${licence})\n${rule}\n\n${text}\n`),
  ].join('\n');
}

/** `node_modules/a/node_modules/@b/c/lib/d.js` belongs to `node_modules/a/node_modules/@b/c`. */
function packageFolder(file: string): string[] {
  const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
  return folder === undefined ? [] : [folder];
}

interface Licensed {
  name: string;
  version: string;
  licence: string;
  text: string;
}

interface Manifest {
  name: string;
  version: string;
  license?: string;
  author?: string | { name: string };
}

function readPackage(folder: string): Licensed {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const { name, version, license: licence } = manifest;
  if (licence === undefined) throw new Error(`${name} ${version} names no licence in its package.json`);
  // Apache-2.0 wants the notice passed on, too.
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)([.-]|$)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
  return { name, version, licence, text: texts.length > 0 ? texts.join('\n\n') : inPlaceOfText(manifest) };
}

function inPlaceOfText({ name, version, license, author }: Manifest): string {
  if (license === undefined || !wellKnown.has(license))
    throw new Error(`${name} ${version} (${license}) brings no text of its licence`);
  const holder = typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`);
  return `The package brings no text. Its package.json says: ${license}, by ${holder}.\nhttps://spdx.org/licenses/${license}.html`;
}
