import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { StandIn } from '../stand-in.ts';

const inputsOfTheRealOne = new Set([
  'name',
  'path',
  'if-no-files-found',
  'retention-days',
  'compression-level',
  'overwrite',
  'include-hidden-files',
  'archive',
]);

/**
 * `actions/upload-artifact`, into a folder: one of its own for each artifact. Like the real one since v4 it refuses a name
 * that is taken, leaves hidden files out, and lays several paths out below their common folder. Refuses what it does not
 * know: patterns, and files without an archive.
 * @param artifacts the folder, of one run
 */
export function uploadArtifact(artifacts: string): StandIn {
  let count = 0;
  return ({ inputs, workspace, warn }) => {
    const { name = 'artifact', 'if-no-files-found': ifNone = 'warn' } = inputs;
    expectKnown(inputs);
    const paths = pathsOf(inputs['path'] ?? '', workspace);
    const files = paths.flatMap((path) => filesBelow(path, inputs['include-hidden-files'] === 'true'));
    if (files.length === 0) {
      const message = `No files were found with the provided path: ${inputs['path'] ?? ''}. No artifacts will be uploaded.`;
      if (ifNone === 'error') throw new Error(message);
      if (ifNone === 'warn') warn(message);
      return {};
    }
    const target = join(artifacts, name);
    if (existsSync(target)) {
      if (inputs['overwrite'] !== 'true')
        throw new Error(`Conflict: an artifact with this name already exists on the workflow run: ${name}`);
      rmSync(target, { recursive: true });
    }
    const root = rootOf(paths);
    const digest = createHash('sha256');
    for (const file of files) {
      const place = relative(root, file);
      mkdirSync(dirname(join(target, place)), { recursive: true });
      cpSync(file, join(target, place));
      digest.update(place).update('\0').update(readFileSync(file));
    }
    count += 1;
    return {
      'artifact-id': String(count),
      'artifact-url': `https://github.com/owner/caller/actions/runs/1/artifacts/${count}`,
      // Not of an archive, which we do not make, but as long and as constant.
      'artifact-digest': digest.digest('hex'),
    };
  };
}

function expectKnown(inputs: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(inputs).filter((input) => !inputsOfTheRealOne.has(input));
  if (unknown.length > 0) throw new Error(`upload-artifact has no input ${unknown.join(', ')}`);
  const { name = 'artifact', path = '', archive = 'true', 'if-no-files-found': ifNone = 'warn' } = inputs;
  if (name === '' || /["<>|:*?\r\n\\/]/.test(name)) throw new Error(`The artifact name is not valid: ${name}`);
  if (path.trim() === '') throw new Error('Input required and not supplied: path');
  if (!['warn', 'error', 'ignore'].includes(ifNone))
    throw new Error(`Unrecognized if-no-files-found input. Provided: ${ifNone}`);
  if (/[*?[]|^\s*!/m.test(path)) throw new Error(`only plain paths are known here, not ${path}`);
  if (archive !== 'true') throw new Error('only artifacts in an archive are known here');
}

const pathsOf = (path: string, workspace: string): readonly string[] =>
  path
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => resolve(workspace, line.trim()));

/** Of an empty folder nothing is uploaded. */
function filesBelow(path: string, isHiddenToo: boolean): readonly string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((entry) => isHiddenToo || !entry.startsWith('.'))
    .flatMap((entry) => filesBelow(join(path, entry), isHiddenToo));
}

/** What an artifact's own places are relative to: a folder itself, the folder of a file, what several paths have in common. */
function rootOf(paths: readonly string[]): string {
  const [first = sep, ...others] = paths.map((path) =>
    existsSync(path) && statSync(path).isDirectory() ? path : dirname(path),
  );
  return others.reduce((root, path) => {
    const parts = path.split(sep);
    const common = root.split(sep).findIndex((part, at) => part !== parts[at]);
    return common < 0 ? root : root.split(sep).slice(0, common).join(sep) || sep;
  }, first);
}
