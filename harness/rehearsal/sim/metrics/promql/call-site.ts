import type { Call } from './ast.ts';
import type { Notes } from './notes.ts';
import { notSimulated } from './query-error.ts';
import type { Matrix, Sample, Value } from './value.ts';

/** What a function knows besides the values of its arguments. */
export interface CallSite {
  node: Call;
  /** Unix milliseconds. */
  at: number;
  notes: Notes;
  /** Whether this moment is one of several. */
  isStep: boolean;
}

export type Functions = Readonly<Record<string, (args: readonly Value[], site: CallSite) => Value>>;

export function samplesIn(value: Value | undefined): readonly Sample[] {
  if (value?.type !== 'vector') throw notSimulated(`a ${value?.type ?? 'missing argument'} instead of a vector`);
  return value.samples;
}

export function matrixIn(value: Value | undefined): Matrix {
  if (value?.type !== 'matrix') throw notSimulated(`a ${value?.type ?? 'missing argument'} instead of a range`);
  return value;
}

export function numberIn(value: Value | undefined): number {
  if (value?.type !== 'scalar') throw notSimulated(`a ${value?.type ?? 'missing argument'} instead of a number`);
  return value.value;
}

export function stringIn(value: Value | undefined): string {
  if (value?.type !== 'string') throw notSimulated(`a ${value?.type ?? 'missing argument'} instead of a string`);
  return value.value;
}
