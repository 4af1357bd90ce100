/** Settings of an installer as JSON, as in a chart's values file. */
export type Values = Readonly<Record<string, unknown>>;

/** By path, as `target.set` names it: `meshConfig.accessLogFile`. Each value is JSON. */
export type Settings = ReadonlyMap<string, string>;

export const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The settings of values. A list is one setting; empty maps and lists, empty strings and nulls are none. */
export function settingsOf(values: Values): Settings {
  const settings = new Map<string, string>();
  const add = (value: unknown, path: string): void => {
    if (isValues(value))
      for (const [key, child] of Object.entries(value)) add(child, path === '' ? key : `${path}.${key}`);
    else if (value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
      settings.set(path, JSON.stringify(value));
  };
  add(values, '');
  return settings;
}

/** Maps are merged, anything else of the later one wins, as with the values files of Helm. */
export function merged(earlier: Values, later: Values): Values {
  const result: Record<string, unknown> = { ...earlier };
  for (const [key, value] of Object.entries(later)) {
    const before = result[key];
    result[key] = isValues(before) && isValues(value) ? merged(before, value) : value;
  }
  return result;
}

/** The values without these paths, and without the maps that are empty then. A path into a list takes the whole list. */
export function withoutPaths(values: Values, paths: Iterable<string>): Values {
  let left = values;
  for (const path of paths) left = without(left, stepsOf(path)) ?? {};
  return left;
}

function without(values: Values, [step = '', ...deeper]: readonly string[]): Values | undefined {
  if (!(step in values)) return values;
  const { [step]: child, ...others } = values;
  const left = deeper.length > 0 && isValues(child) ? without(child, deeper) : undefined;
  const kept = left === undefined ? others : { ...others, [step]: left };
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** `a.b\.c[0].d` goes through `a` to the list `b.c`, and not into it: the form of istioctl's `--set`. */
function stepsOf(path: string): readonly string[] {
  const [upToList = ''] = path.split('[');
  return upToList.split(/(?<!\\)\./).map((step) => step.replaceAll('\\.', '.'));
}
