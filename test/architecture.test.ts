import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { circlesOf, edgesOf, importsOf, sourcesIn } from '../harness/tools/imports.ts';
import { depthOf, type Layer, layerOf, layers, withLayers } from '../harness/tools/layers.ts';

const root = resolve(import.meta.dirname, '..');
const middle = ['mesh', 'stages', 'plan', 'engine', 'rollout', 'gate', 'checks', 'effects', 'workloads'];
const adapters = ['kubernetes', 'istioctl', 'prometheus', 'github'];
/** The ways in which the outside reaches a program; only adapters and entry points use them. */
const outside =
  /^(node:(fs|net|http|https|child_process|timers|dns|tls|process)(\/.*)?|undici|execa|@kubernetes\/.*|@actions\/.*|commander)$/;

const all = sourcesIn('src').flatMap(importsOf);
const internal = [...all, ...sourcesIn('harness').flatMap(importsOf)].filter(({ target }) =>
  /^(src|harness)\/.*\.ts$/.test(target),
);
const within = (file: string, folders: readonly string[]) =>
  folders.some((folder) => file.startsWith(`src/${folder}/`));

describe('the rule of imports', () => {
  it('finds the imports of this project', () => {
    expect(all.length).toBeGreaterThan(200);
  });

  it('lets a file import only from folders below its own', () => {
    const upwards = internal.filter(({ file, target }) => depthOf(layerOf(target)) < depthOf(layerOf(file)));
    expect(upwards).toEqual([]);
  });

  it('lets no folders and no files import each other in a circle', () => {
    expect(circlesOf(edgesOf(internal, layerOf))).toEqual([]);
    expect(circlesOf(edgesOf(internal))).toEqual([]);
  });

  it('finds a circle where there is one', () => {
    const edges = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['a', 'd'])],
    ]);
    expect(circlesOf(edges)).toEqual([['a', 'b', 'c']]);
  });

  it('has no layer that holds nothing', () => {
    const held = new Set([...sourcesIn('src'), ...sourcesIn('harness')].map(layerOf));
    expect(Object.keys(layers).filter((layer) => !held.has(layer as Layer))).toEqual([]);
  });

  it('is drawn in ARCHITECTURE.md as it is enforced (npm run docs)', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    expect(text).toBe(withLayers(text));
  });

  it('lets nothing in the middle import an adapter', () => {
    expect(all.filter(({ file, target }) => within(file, middle) && within(target, adapters))).toEqual([]);
  });

  it('lets the vocabulary import nothing but itself and semver', () => {
    const foreign = all.filter(
      ({ file, target }) => within(file, ['model']) && !within(target, ['model']) && target !== 'semver',
    );
    expect(foreign).toEqual([]);
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

  it('lets no entry point import the other', () => {
    const entryPoints = ['cli', 'action'] as const;
    for (const entryPoint of entryPoints) {
      const other = entryPoint === 'cli' ? 'src/action/' : 'src/cli/';
      expect(all.filter(({ file, target }) => within(file, [entryPoint]) && target.startsWith(other))).toEqual([]);
    }
    expect(all.filter(({ file, target }) => within(file, ['verbs']) && /^src\/(cli|action)\//.test(target))).toEqual(
      [],
    );
  });

  it('keeps clocks and chance out of what decides', () => {
    const decides = sourcesIn('src').filter((file) =>
      within(file, [...middle.filter((name) => name !== 'engine'), 'model']),
    );
    const impure = decides.filter((file) =>
      /Date\.now\(|Math\.random\(|setTimeout\(|process\./.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(impure).toEqual([]);
  });
});
