import type { z } from 'zod';
import { bareNumberCorrection, DURATION } from '../model/duration.ts';
import type { ConfigFinding, Path } from './complaint.ts';
import { pathText } from './complaint.ts';
import { keysAt, type SchemaNode, schemaAt } from './json-schema.ts';
import { nearest } from './nearest.ts';

type Issue = z.core.$ZodIssue;

/** What the schema says against the data, in words of the config instead of words of the schema library. */
export function shapeFindings(issues: readonly Issue[], data: unknown): ConfigFinding[] {
  return issues.flatMap((issue) => shapeFinding(issue, issue.path as Path, data));
}

function shapeFinding(issue: Issue, path: Path, data: unknown): ConfigFinding[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key));
    case 'invalid_union': {
      const branch = likelyBranch(issue.errors);
      return branch === undefined
        ? [wrongType(path, valueAt(data, path))]
        : branch.flatMap((inner) => shapeFinding(inner, [...path, ...(inner.path as Path)], data));
    }
    case 'invalid_type':
      // A number that is not whole arrives as another kind of wrong type.
      return [
        issue.expected === 'int' && typeof valueAt(data, path) === 'number'
          ? wrongValue(path, valueAt(data, path), issue)
          : wrongType(path, valueAt(data, path)),
      ];
    default:
      return [
        valueAt(data, path) === undefined ? wrongType(path, undefined) : wrongValue(path, valueAt(data, path), issue),
      ];
  }
}

function unknownKey(path: Path, key: string): ConfigFinding {
  const known = keysAt(path);
  const meant = nearest(key, known);
  return {
    path: [...path, key],
    at: 'key',
    message: `${path.length === 0 ? 'the config' : pathText(path)} has no key "${key}"`,
    instead: meant === undefined ? `write one of ${known.join(', ')}` : `did you mean "${meant}"?`,
  };
}

/** The alternative whose type fits, so that the complaint is about its content. */
function likelyBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) =>
    issues.every(({ code, path }) => path.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value')),
  );
}

function wrongType(path: Path, value: unknown): ConfigFinding {
  const node = schemaAt(path);
  const name = path.length === 0 ? 'the config' : pathText(path);
  if (value === undefined) {
    return { path, message: `${name} is missing`, instead: `write for example ${example(path, node)}` };
  }
  if (value === null) {
    return { path, at: 'key', message: `${name} is empty`, instead: `write ${wanted(path, node)}${orRemove(path)}` };
  }
  if (typeof value === 'number' && node?.pattern === DURATION.source) {
    return { path, message: `${name} ${value} has no unit`, instead: bareNumberCorrection(value) };
  }
  const isText = node?.type === 'string' && node.enum === undefined;
  if (
    isText &&
    typeof value !== 'object' &&
    (node.pattern === undefined || new RegExp(node.pattern).test(String(value)))
  ) {
    return { path, message: `${name} ${value} is ${kindOf(value)}, not text`, instead: `write "${value}" in quotes` };
  }
  const shown = typeof value === 'object' ? '' : ` ${JSON.stringify(value)}`;
  return { path, message: `${name}${shown} is ${kindOf(value)}`, instead: `write ${wanted(path, node)}` };
}

function orRemove(path: Path): string {
  const parent = schemaAt(path.slice(0, -1));
  return parent?.required?.includes(String(path.at(-1))) ? '' : ', or remove the key';
}

function wrongValue(path: Path, value: unknown, issue: Issue): ConfigFinding {
  const node = schemaAt(path);
  const shown = typeof value === 'object' ? '' : ` ${JSON.stringify(value)}`;
  if (issue.code === 'invalid_value') {
    const choices = issue.values.map(String);
    const meant = typeof value === 'string' ? nearest(value, choices) : undefined;
    return {
      path,
      message: `${pathText(path)}${shown} must be one of ${choices.join(', ')}`,
      instead: `write ${meant ?? choices.join(' or ')}`,
    };
  }
  const params = issue.code === 'custom' ? issue.params : undefined;
  const instead =
    typeof params?.['instead'] === 'string' ? params['instead'] : `write for example ${example(path, node)}`;
  return { path, message: `${pathText(path)}${shown} ${issue.message}`, instead };
}

/** What belongs at a path, for the end of a sentence. */
function wanted(path: Path, node: SchemaNode | undefined): string {
  if (node?.enum !== undefined) return node.enum.join(' or ');
  if (node?.type === 'boolean') return 'true or false';
  if (node?.examples === undefined && node?.properties !== undefined) {
    return `a map with the keys ${Object.keys(node.properties).join(', ')}`;
  }
  if (node?.examples === undefined && node?.type === 'array') return `a list, for example ${example(path, node)}`;
  return `for example ${example(path, node)}`;
}

/** As it would stand in the file: `version: 1.31.0`. */
function example(path: Path, node: SchemaNode | undefined): string {
  const key = path.at(-1);
  const own = node?.examples?.[0] ?? node?.enum?.[0];
  const ofItems = node?.items?.examples?.[0];
  const text = own ?? (ofItems === undefined ? '...' : `[${ofItems}]`);
  if (node?.properties !== undefined && own === undefined) {
    const inner = Object.entries(node.properties).find(([, property]) => property.examples !== undefined);
    return `${String(key)}: { ${inner?.[0]}: ${inner?.[1].examples?.[0]} }`;
  }
  return typeof key === 'number' ? `- ${text}` : `${String(key)}: ${text}`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'true or false' : 'a number';
}

export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined,
    data,
  );
}
