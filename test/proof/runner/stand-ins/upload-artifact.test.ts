import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { uploadArtifact } from '../../../../harness/proof/runner/stand-ins/upload-artifact.ts';
import { newFolder } from '../running.ts';

/** A workspace with these files, each of which holds its own name. */
function newUpload(...files: readonly string[]) {
  const workspace = newFolder();
  const artifacts = join(workspace, 'artifacts');
  for (const file of files) {
    mkdirSync(dirname(join(workspace, file)), { recursive: true });
    writeFileSync(join(workspace, file), file);
  }
  const standIn = uploadArtifact(artifacts);
  const warnings: string[] = [];
  const upload = async (inputs: Readonly<Record<string, string>>) =>
    await standIn({ inputs, workspace, warn: (message) => warnings.push(message) });
  const uploaded = (name: string) =>
    readdirSync(join(artifacts, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(artifacts, name).length + 1))
      .toSorted();
  return { workspace, artifacts, upload, uploaded, warnings };
}

describe('an uploaded artifact', () => {
  it.for([
    { what: 'a file', path: 'out/a.txt', holds: ['a.txt'] },
    { what: 'a folder, without what is hidden', path: 'out', holds: ['a.txt', 'deep/b.txt'] },
    { what: 'files below the folder they share', path: 'out/a.txt\nout/deep/b.txt', holds: ['a.txt', 'deep/b.txt'] },
    { what: 'a folder and a file of another', path: 'out/deep\nother/c.txt', holds: ['other/c.txt', 'out/deep/b.txt'] },
    { what: 'what is there of several', path: 'none\nout/deep/b.txt\n', holds: ['out/deep/b.txt'] },
  ])('holds $what', async ({ path, holds }) => {
    const { upload, uploaded, artifacts, warnings } = newUpload(
      'out/a.txt',
      'out/deep/b.txt',
      'out/.hidden/x',
      'out/.y',
      'other/c.txt',
    );
    const outputs = await upload({ name: 'it', path });
    expect(uploaded('it')).toEqual(holds);
    expect(readFileSync(join(artifacts, 'it', holds.at(-1) ?? ''), 'utf8')).toContain('.txt');
    expect(outputs).toEqual({
      'artifact-id': '1',
      'artifact-url': expect.stringMatching(/^https:.*\/artifacts\/1$/),
      'artifact-digest': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(warnings).toEqual([]);
  });

  it('holds hidden files if it is asked to', async () => {
    const { upload, uploaded } = newUpload('out/.hidden/x', 'out/a');
    await upload({ path: 'out', 'include-hidden-files': 'true' });
    expect(uploaded('artifact')).toEqual(['.hidden/x', 'a']);
  });

  it('keeps its name, unless it may be overwritten', async () => {
    const { upload, uploaded } = newUpload('a', 'b');
    await upload({ name: 'it', path: 'a' });
    await expect(upload({ name: 'it', path: 'b' })).rejects.toThrow('already exists');
    expect(uploaded('it')).toEqual(['a']);
    await upload({ name: 'it', path: 'b', overwrite: 'true' });
    expect(uploaded('it')).toEqual(['b']);
  });
});

describe('an upload of nothing', () => {
  it.for([
    { ifNone: {}, warnings: 1 },
    { ifNone: { 'if-no-files-found': 'ignore' }, warnings: 0 },
  ])('makes no artifact, with $ifNone', async ({ ifNone, warnings: expected }) => {
    const { workspace, upload, warnings } = newUpload();
    mkdirSync(join(workspace, 'empty'));
    expect(await upload({ path: 'empty\nnone', ...ifNone })).toEqual({});
    expect(warnings).toHaveLength(expected);
  });

  it('fails if it is asked to', async () => {
    await expect(newUpload().upload({ path: 'none', 'if-no-files-found': 'error' })).rejects.toThrow(
      'No files were found',
    );
  });
});

describe('an upload', () => {
  it.for([
    { what: 'without a path', inputs: {}, says: 'not supplied: path' },
    { what: 'with an input that does not exist', inputs: { path: 'a', file: 'a' }, says: 'no input file' },
    { what: 'with a bad name', inputs: { path: 'a', name: 'a/b' }, says: 'name is not valid: a/b' },
    { what: 'of a pattern', inputs: { path: 'a/**' }, says: 'only plain paths' },
    { what: 'without an archive', inputs: { path: 'a', archive: 'false' }, says: 'in an archive' },
    { what: 'with a wrong wish', inputs: { path: 'a', 'if-no-files-found': 'fail' }, says: 'Provided: fail' },
  ])('$what is refused', async ({ inputs, says }) => {
    await expect(newUpload('a').upload(inputs)).rejects.toThrow(says);
  });
});
