import type { Path } from './complaint.ts';
import type { ConfigInput } from './schema.ts';

type Partly<T> = T extends (infer Item)[]
  ? (Partly<Item> | undefined)[]
  : T extends object
    ? { [Key in keyof T]?: Partly<T[Key]> | undefined }
    : T;

/**
 * A config as written, without the values that the schema refused: what is left has the right types, so that the rules can
 * look at it and all complaints come at once. A refused value is `undefined` under its key; what was not written has no key.
 */
export type Draft = Partly<ConfigInput>;

export function draftWithout(data: unknown, refused: readonly Path[]): Draft {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {};
  const draft = structuredClone(data);
  for (const path of refused) {
    if (path.length === 0) continue;
    const parent = path.slice(0, -1).reduce<unknown>((value, step) => childOf(value, step), draft);
    const last = path.at(-1);
    // Only what is written can be refused: a missing key stays missing.
    if (last !== undefined && childOf(parent, last) !== undefined)
      (parent as Record<string | number, unknown>)[last] = undefined;
  }
  return draft as Draft;
}

function childOf(value: unknown, step: string | number): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined;
}
