import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** One import of a TypeScript file, types included. */
export interface Import {
  /** Relative to the repository. */
  file: string;
  /** A file of the repository, or the name of a package. */
  target: string;
}

const root = resolve(import.meta.dirname, '../..');

/** The TypeScript files of a folder of the repository. */
export const sourcesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();

export const importsOf = (file: string): Import[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    ([, specifier = '']) => ({
      file,
      target: specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier,
    }),
  );

/**
 * Groups of nodes that reach each other: Tarjan's strongly connected components with more than one member.
 * @see https://en.wikipedia.org/wiki/Tarjan%27s_strongly_connected_components_algorithm
 */
export function circlesOf(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly (readonly string[])[] {
  const seen = new Map<string, { index: number; low: number; onStack: boolean }>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string) => {
    const state = { index: seen.size, low: seen.size, onStack: true };
    seen.set(node, state);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      const known = seen.get(next);
      if (known === undefined) state.low = Math.min(state.low, visit(next).low);
      else if (known.onStack) state.low = Math.min(state.low, known.index);
    }
    if (state.low === state.index) {
      const members = stack.splice(stack.indexOf(node));
      for (const member of members) (seen.get(member) as typeof state).onStack = false;
      if (members.length > 1) circles.push(members.sort());
    }
    return state;
  };
  for (const node of edges.keys()) if (!seen.has(node)) visit(node);
  return circles;
}

/** Edges between files, or between what `groupOf` makes of them. An edge from a group to itself is none. */
export function edgesOf(
  imports: readonly Import[],
  groupOf: (file: string) => string = (file) => file,
): ReadonlyMap<string, ReadonlySet<string>> {
  const edges = new Map<string, Set<string>>();
  for (const { file, target } of imports) {
    const [from, to] = [groupOf(file), groupOf(target)];
    const targets = edges.get(from) ?? new Set();
    edges.set(from, targets);
    if (from !== to) targets.add(to);
  }
  return edges;
}
