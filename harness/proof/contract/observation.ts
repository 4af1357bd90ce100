/** What a case saw, as plain JSON; times, identities and versions are replaced by what they stand for. */
export type Observation = unknown;

const Uid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const Time = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** Makes what two clusters say comparable: the namespace of the case, UIDs, times and given names get placeholders. */
export function comparable(value: unknown, words: ReadonlyMap<string, string>): Observation {
  if (typeof value === 'string') {
    let text = value.replace(Uid, '<uid>').replace(Time, '<time>');
    for (const [word, placeholder] of words) text = text.replaceAll(word, placeholder);
    return text;
  }
  if (Array.isArray(value)) return value.map((item) => comparable(item, words));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .map(([key, child]) => [comparable(key, words) as string, comparable(child, words)])
      .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
  );
}

/** Where two observations differ, one line a place; empty if nowhere. */
export function differences(expected: Observation, seen: Observation, path = ''): string[] {
  if (isRecord(expected) && isRecord(seen) && Array.isArray(expected) === Array.isArray(seen)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(seen)])];
    return keys.flatMap((key) => differences(expected[key], seen[key], `${path}.${key}`));
  }
  if (expected === seen) return [];
  return [`${path || '.'}: real ${show(expected)}, here ${show(seen)}`];
}

/** The value at `a/b/0/c`; undefined where the way ends. */
export function at(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('/')) found = isRecord(found) ? found[key] : undefined;
  return found;
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
