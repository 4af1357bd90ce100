import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderLicences } from '../../harness/tools/third-party-licences.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'licences-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(files: Record<string, string | object>): void {
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, 'node_modules', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

describe('the list of licences', () => {
  it('names each package of the bundle once, by name, with its licence and its notice', () => {
    put({
      'b/package.json': { name: 'b', version: '1.0.0', license: 'MIT' },
      'b/LICENSE': 'b may be used\r\nby all\r\n',
      'b/node_modules/@a/c/package.json': { name: '@a/c', version: '2.0.0', license: 'Apache-2.0' },
      'b/node_modules/@a/c/License.md': 'c may be used',
      'b/node_modules/@a/c/NOTICE': 'c by c',
      'b/node_modules/@a/c/licensing.js': 'no licence',
    });
    const files = [
      'src/main.ts',
      'node_modules/b/x.js',
      'node_modules/b/y.js',
      'node_modules/b/node_modules/@a/c/d/e.js',
    ];
    const list = renderLicences(root, files);
    expect(list).toBe(renderLicences(root, files.toReversed()));
    const rule = '='.repeat(80);
    expect(list).toBe(
      [
        'dist/ contains these 2 packages, each under its own licence.\n',
        `${rule}\n@a/c 2.0.0 (Apache-2.0)\n${rule}\n\nc may be used\n\nc by c\n`,
        `${rule}\nb 1.0.0 (MIT)\n${rule}\n\nb may be used\nby all\n`,
      ].join('\n'),
    );
  });

  it.for([
    { author: 'Ada', named: 'Ada' },
    { author: { name: 'Ada' }, named: 'Ada' },
    { author: undefined, named: 'the authors of a' },
  ])('names the author of a well-known licence that has no text: $named', ({ author, named }) => {
    put({ 'a/package.json': { name: 'a', version: '1.0.0', license: 'ISC', author } });
    expect(renderLicences(root, ['node_modules/a/a.js'])).toContain(
      `ISC, by ${named}.\nhttps://spdx.org/licenses/ISC.html`,
    );
  });

  it.for([
    { license: 'Custom', problem: 'a 1.0.0 (Custom) brings no text of its licence' },
    { license: undefined, problem: 'a 1.0.0 names no licence in its package.json' },
  ])('is refused with "$problem"', ({ license, problem }) => {
    put({ 'a/package.json': { name: 'a', version: '1.0.0', license } });
    expect(() => renderLicences(root, ['node_modules/a/a.js'])).toThrow(problem);
  });
});
