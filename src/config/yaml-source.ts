import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import type { ConfigFinding, Path, Place } from './complaint.ts';

/** A YAML text with the way back from a path in its data to a line and column. */
export interface YamlSource {
  data: unknown;
  /** What is wrong with the YAML itself. Positions are fixed, paths are not known. */
  problems: readonly { place: Place; message: string; instead: string }[];
  /** Whether `data` can be trusted in spite of the problems. */
  readable: boolean;
  /** Where a finding points: the key or the value of the nearest thing that is written. */
  placeOf(finding: Pick<ConfigFinding, 'path' | 'at' | 'within'>): Place;
}

export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems = [...document.errors, ...document.warnings].map(({ code, pos, message }) => ({
    place: placeAt(pos[0]),
    ...(code === 'DUPLICATE_KEY'
      ? { message: `key "${wordAt(text, pos[0])}" is written twice`, instead: 'keep one of the two' }
      : { message: `this is not valid YAML: ${firstLine(message)}`, instead: yamlCorrection(code) }),
  }));
  const badAliases = unusableAliases(document).map(({ offset, ...rest }) => ({ place: placeAt(offset), ...rest }));
  const readable = badAliases.length === 0 && document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  return {
    data: readable ? document.toJS({ maxAliasCount: -1 }) : undefined,
    problems: [...problems, ...badAliases],
    readable,
    placeOf: ({ path, at, within }) => {
      const found = nodeAt(document, path);
      if (within !== undefined && found.complete && isScalar(found.value)) {
        const exact = placeInScalar(text, found.value, within, placeAt);
        if (exact !== undefined) return exact;
      }
      const node = at === 'key' || !found.complete ? (found.key ?? found.value) : (found.value ?? found.key);
      return placeAt(node?.range?.[0] ?? 0);
    },
  };
}

/** Aliases of nothing, and aliases in aliases: without these no expansion explodes, so that the library's limit is not needed. */
function unusableAliases(document: Document): { offset: number; message: string; instead: string }[] {
  const found: { offset: number; message: string; instead: string }[] = [];
  visit(document, {
    Alias: (_, alias) => {
      const offset = alias.range?.[0] ?? 0;
      const target = alias.resolve(document);
      if (target === undefined) {
        const instead = `write &${alias.source} before the value that is meant`;
        found.push({ offset, message: `*${alias.source} stands for nothing`, instead });
      } else if (holdsAlias(target)) {
        found.push({ offset, message: `*${alias.source} holds further aliases`, instead: 'write the values out' });
      }
    },
  });
  return found;
}

function holdsAlias(node: Node): boolean {
  let holds = false;
  visit(node, {
    Alias: () => {
      holds = true;
      return visit.BREAK;
    },
  });
  return holds;
}

interface Found {
  key?: Node | undefined;
  value?: Node | undefined;
  complete: boolean;
}

/** Walks down as far as the path is written. */
function nodeAt(document: Document, path: Path): Found {
  const resolve = (node: unknown) => (isAlias(node) ? node.resolve(document) : (node as Node | null | undefined));
  let found: Found = { value: resolve(document.contents) ?? undefined, complete: true };
  for (const step of path) {
    // Of a key that is written twice the last one counts, as in the data.
    if (isMap(found.value)) {
      const pair = found.value.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return { ...found, complete: false };
      found = { key: pair.key as Node, value: resolve(pair.value) ?? undefined, complete: true };
    } else if (isSeq(found.value) && typeof step === 'number' && step < found.value.items.length) {
      found = { value: resolve(found.value.items[step]) ?? undefined, complete: true };
    } else {
      return { ...found, complete: false };
    }
  }
  return found;
}

/** The place of a line and column inside a text value; `undefined` where YAML folds lines, so that nothing exact can be said. */
function placeInScalar(
  text: string,
  scalar: Scalar,
  within: Place,
  placeAt: (offset: number) => Place,
): Place | undefined {
  const [start, end] = scalar.range ?? [0, 0];
  const raw = text.slice(start, end);
  const head = placeAt(start);
  if (scalar.type === 'BLOCK_LITERAL') {
    const indent = /\n( *)[^\s]/.exec(raw)?.[1]?.length ?? 0;
    return { line: head.line + within.line, column: indent + within.column };
  }
  if (within.line !== 1 || raw.includes('\n')) return undefined;
  if (scalar.type === 'PLAIN') return { line: head.line, column: head.column + within.column - 1 };
  if (scalar.type !== 'QUOTE_DOUBLE' && scalar.type !== 'QUOTE_SINGLE') return undefined;
  const units = scalar.type === 'QUOTE_DOUBLE' ? DOUBLE_QUOTED : SINGLE_QUOTED;
  const before = (raw.slice(1).match(units) ?? []).slice(0, within.column - 1);
  return { line: head.line, column: head.column + 1 + before.join('').length };
}

/** One character of the value each, as written between the quotes. */
const DOUBLE_QUOTED = /\\x..|\\u.{4}|\\U.{8}|\\.|./g;
const SINGLE_QUOTED = /''|./g;

function yamlCorrection(code: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'indent with spaces';
    case 'BAD_DQ_ESCAPE':
      return 'write \\\\ for a backslash, or put the text into single quotes';
    case 'MULTIPLE_DOCS':
      return 'keep one document, without a second "---"';
    default:
      return 'write YAML as in the example of the documentation';
  }
}

function wordAt(text: string, offset: number): string {
  return /^["']?([^"':\s]+)/.exec(text.slice(offset))?.[1] ?? '';
}

/** Without the advice for programmers after a semicolon. */
function firstLine(text: string): string {
  return text.split(/[\n;]/, 1)[0]?.replace(/\.$/, '') ?? text;
}
