/** Keys and indexes from the root of the config. */
export type Path = readonly (string | number)[];

/** Counted from 1, as editors do. */
export interface Place {
  line: number;
  column: number;
}

/** What is wrong, before it has a place in the file. */
export interface ConfigFinding {
  path: Path;
  /** Whether to point at the key or at the value; at the value when left out. */
  at?: 'key' | 'value';
  /** A place inside a text value, for example in a query. */
  within?: Place;
  message: string;
  /** What to do about it, an imperative. */
  instead: string;
}

/** What is wrong, where, and what to write instead. */
export interface Complaint {
  file: string;
  line: number;
  column: number;
  /** For example `waves[0].atOnce`; empty when the file as a whole is meant. */
  path: string;
  message: string;
  instead: string;
}

export function renderComplaint({ file, line, column, message, instead }: Complaint): string {
  return `${file}:${line}:${column}: ${message}; ${instead}`;
}

/** `['waves', 0, 'atOnce']` is `waves[0].atOnce`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
