/** Longest span that a config may ask for: beyond it a timer of Node overflows, and no bake takes a month. */
const LONGEST_MS = 21 * 24 * 60 * 60 * 1000;

const UNITS = [
  ['d', 24 * 60 * 60 * 1000],
  ['h', 60 * 60 * 1000],
  ['m', 60 * 1000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** Whole numbers with units from large to small, each unit at most once: `1h30m`, `90s`, `500ms`. */
export const DURATION = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

export type DurationReading = { ok: true; ms: number } | { ok: false; message: string; instead: string };

/** Reads a span as Go and Prometheus write it; milliseconds, or what is wrong with it and what to write. */
export function readDuration(text: string): DurationReading {
  const found = DURATION.exec(text);
  if (found === null) return { ok: false, message: 'is not a duration', instead: correction(text) };
  const ms = UNITS.reduce((sum, [, unit], index) => sum + Number(found[index + 1] ?? 0) * unit, 0);
  return ms <= LONGEST_MS
    ? { ok: true, ms }
    : { ok: false, message: 'is longer than 21 days', instead: 'write at most "21d"' };
}

/**
 * Milliseconds of a duration that has been checked.
 * @throws RangeError for anything that `readDuration` refuses
 */
export function parseDuration(text: string): number {
  const reading = readDuration(text);
  if (!reading.ok) throw new RangeError(`"${text}" ${reading.message}; ${reading.instead}`);
  return reading.ms;
}

/** The shortest text that reads back as the same span: 90000 is `1m30s`, 0 is `0s`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [name, unit] of UNITS) {
    const count = Math.floor(rest / unit);
    if (count > 0) text += `${count}${name}`;
    rest -= count * unit;
  }
  return text === '' ? '0s' : text;
}

function correction(text: string): string {
  if (/^\d+$/.test(text)) return bareNumberCorrection(Number(text));
  const fraction = /^(\d*\.\d+)\s*(d|h|m|s)$/.exec(text);
  const unit = UNITS.find(([name]) => name === fraction?.[2]);
  if (fraction !== null && unit !== undefined) {
    return `write "${formatDuration(Math.round(Number(fraction[1]) * unit[1]))}"`;
  }
  const words = /^(\d+)\s*(milliseconds?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?)$/i.exec(text);
  if (words !== null) {
    const name = words[2]?.toLowerCase() ?? '';
    return `write "${words[1]}${name.startsWith('milli') ? 'ms' : name.charAt(0)}"`;
  }
  return 'write numbers with units from large to small, for example "90s", "10m" or "1h30m"';
}

/** A number without unit can mean seconds or minutes, so both are offered. */
export function bareNumberCorrection(count: number): string {
  return count === 0 ? 'write "0s"' : `write a unit, for example "${count}s" or "${count}m"`;
}
