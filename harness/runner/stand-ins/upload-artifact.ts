import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
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
 * that is taken. Knows plain paths only, no patterns.
 */
export function uploadArtifact(artifacts: string): StandIn {
  let count = 0;
  return ({ inputs, workspace }) => {
    const unknown = Object.keys(inputs).filter((input) => !inputsOfTheRealOne.has(input));
    if (unknown.length > 0) throw new Error(`upload-artifact has no input ${unknown.join(', ')}`);
    const { name = 'artifact', path = '', 'if-no-files-found': ifNone = 'warn' } = inputs;
    if (/["<>|:*?\r\n\\/]/.test(name)) throw new Error(`The artifact name is not valid: ${name}`);
    const target = join(artifacts, name);
    if (existsSync(target))
      throw new Error(`Conflict: an artifact with this name already exists on the workflow run: ${name}`);
    const files = path
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => (isAbsolute(line) ? line : join(workspace, line)))
      .filter((file) => existsSync(file));
    if (files.length === 0) {
      if (ifNone === 'error') throw new Error(`No files were found with the provided path: ${path}`);
      return {};
    }
    mkdirSync(target, { recursive: true });
    for (const file of files)
      cpSync(file, statSync(file).isDirectory() ? target : join(target, basename(file)), { recursive: true });
    count += 1;
    return {
      'artifact-id': String(count),
      'artifact-url': `https://github.com/owner/caller/actions/runs/1/artifacts/${count}`,
    };
  };
}
