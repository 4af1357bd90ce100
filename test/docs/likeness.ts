/** What differs from one run to the next, with what stands for it. Kinds of numbers stay apart: none, and some. */
const varying: readonly [RegExp, (found: string) => string][] = [
  [/^\s*\d+:\d\d(?= )/, () => 'TIME'],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, () => 'DATE'],
  // Before the ids: the hash of a pod template can look like one.
  [/(?<=-)[0-9a-z]{8,10}-[0-9a-z]{5}\b/g, () => 'POD'],
  [/\b[0-9a-f]{12}\b|\b[0-9a-f]{8}\b/g, () => 'ID'],
  [
    /\b\d+(\.\d+)? % of \d+ requests/g,
    (found) => (found.startsWith('0 %') ? 'NONE of N requests' : 'SOME of N requests'),
  ],
  [
    /\b[\d,]+ of [\d,]+ requests failed( \(limit [\d.]+ %\))?/g,
    (found) => (found.startsWith('0 ') ? 'NONE failed' : 'SOME failed'),
  ],
  [/\bbaking \d+:\d\d|\babout \d+:\d\d(?= to go)/g, (found) => found.replace(/\d+:\d\d/, 'TIME')],
  [/\b(in|for|away,|last) \d+ (ms|s|min)\b/g, (found) => found.replace(/\d+/, 'N')],
  [/[\w.-]+@[\w.-]+, process \d+/g, () => 'PROCESS'],
  [/\b127\.0\.0\.1:\d+/g, () => 'SERVER'],
  [/\b\d+(\.\d+)? MB\b/g, () => 'N MB'],
  [/\s+/g, () => ' '],
];

const ids = /\b[0-9a-f]{12}\b|\b[0-9a-f]{8}\b/g;

const leavesOut = ' …';

/** What differs also where every run has the same numbers: on the simulator, whose time and chance are seeded. */
const drawn = varying.filter(([, standIn]) => ['DATE', 'POD', 'ID', 'PROCESS', 'SERVER', ' '].includes(standIn('')));

/**
 * Is this line what a document shows, to the last number? Only names that are drawn may differ.
 * A shown line may end with " …".
 */
export const isSame = (shown: string, real: string): boolean => compare(shown, real, drawn);

/** Is this line what a document shows, but for times, counts and names that are drawn? A shown line may end with " …". */
export const isLike = (shown: string, real: string): boolean => compare(shown, real, varying);

function compare(shown: string, real: string, masks: typeof varying): boolean {
  const whole = masked(real, masks);
  return shown.endsWith(leavesOut)
    ? whole.startsWith(masked(shown.slice(0, -leavesOut.length), masks))
    : whole === masked(shown, masks);
}

/** Run ids and plan hashes: what stands in the document, and what it is this time. */
export function namesThisTime(shown: string, real: string): readonly [string, string][] {
  const [then, now] = [shown, real].map((line) => line.match(ids) ?? []);
  return (then ?? []).flatMap((name, index) => (now?.[index] === undefined ? [] : [[name, now[index]]]));
}

const masked = (line: string, masks: typeof varying): string =>
  masks.reduce((text, [pattern, standIn]) => text.replace(pattern, (found) => standIn(found)), line).trim();
