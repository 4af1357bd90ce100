import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const middle = ['mesh', 'stages', 'plan', 'engine', 'rollout', 'gate'];
const adapters = ['kubernetes', 'istioctl', 'prometheus'];
/** Of an adapter's folder the middle may know the port and the shapes that stand in it. */
const ports = new Set(['port.ts', 'objects.ts', 'kinds.ts']);
/** The ways in which the outside reaches a program; only adapters and doors use them. */
const outside =
  /^(node:(fs|net|http|https|child_process|timers|dns|tls|process)(\/.*)?|undici|execa|@kubernetes\/.*|@actions\/.*|commander)$/;

interface Import {
  file: string;
  target: string;
}

const files = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

const importsOf = (file: string): Import[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map(([, specifier = '']) => ({
    file,
    target: specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier,
  }));

const all = files('src').flatMap(importsOf);
const within = (file: string, folders: readonly string[]) =>
  folders.some((folder) => file.startsWith(`src/${folder}/`));

describe('the rule of imports', () => {
  it('sees the imports of this project', () => {
    expect(all.length).toBeGreaterThan(200);
  });

  it('lets nothing in the middle import an adapter', () => {
    const broken = all.filter(
      ({ file, target }) =>
        within(file, middle) && within(target, adapters) && !ports.has(target.split('/').at(-1) ?? ''),
    );
    expect(broken).toEqual([]);
  });

  it('lets nothing in the middle reach the outside', () => {
    const clock = 'src/engine/system-clock.ts';
    expect(all.filter(({ file, target }) => file !== clock && within(file, middle) && outside.test(target))).toEqual(
      [],
    );
  });

  it('lets a stage import no other stage', () => {
    expect(all.filter(({ file, target }) => /src\/stages\/\d/.test(file) && target.startsWith('src/stages/'))).toEqual(
      [],
    );
  });

  it('lets src import nothing of the harness or the tests', () => {
    expect(all.filter(({ target }) => target.startsWith('harness/') || target.startsWith('test/'))).toEqual([]);
  });

  it('lets only cli/ import commander, and only the deep parts of client-node be loaded', () => {
    expect(all.filter(({ file, target }) => target === 'commander' && !file.startsWith('src/cli/'))).toEqual([]);
    expect(all.filter(({ target }) => target === '@kubernetes/client-node')).toEqual([]);
  });

  it('lets only action/ import @actions/*', () => {
    const imports = all.filter(({ target }) => target.startsWith('@actions/'));
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter(({ file }) => !file.startsWith('src/action/'))).toEqual([]);
  });

  it('keeps one door from looking through the other', () => {
    const doors = ['cli', 'action'] as const;
    for (const door of doors) {
      const other = door === 'cli' ? 'src/action/' : 'src/cli/';
      expect(all.filter(({ file, target }) => within(file, [door]) && target.startsWith(other))).toEqual([]);
    }
    expect(all.filter(({ file, target }) => within(file, ['verbs']) && /^src\/(cli|action)\//.test(target))).toEqual(
      [],
    );
  });

  it('keeps clocks and chance out of what decides', () => {
    const decides = files('src').filter((file) => within(file, ['mesh', 'stages', 'plan', 'rollout', 'gate']));
    const impure = decides.filter((file) =>
      /Date\.now\(|Math\.random\(|setTimeout\(|process\./.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(impure).toEqual([]);
  });
});
