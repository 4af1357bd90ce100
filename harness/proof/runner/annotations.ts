import { isAbsolute, relative } from 'node:path';
import type { WorkflowCommand } from './workflow-command.ts';

export type Level = 'error' | 'warning' | 'notice';

export interface Annotation {
  level: Level;
  message: string;
  title: string;
  /** Below the workspace: relative to it. */
  file: string;
  line: string;
  endLine: string;
  column: string;
  endColumn: string;
}

/** GitHub cuts what is longer (actions/runner: ExecutionContext.cs). */
export const messageMax = 4096;
const perLevelMax = 10;

/**
 * Counts the annotations of an action. All steps of a composite action share ten of each level: the runner collects theirs and
 * adds them to the caller's step at its end, and what is too much is lost there (actions/runner: ExecutionContext.cs, AddIssue).
 */
export class AnnotationCount {
  dropped = 0;
  readonly #counts: Record<Level, number> = { error: 0, warning: 0, notice: 0 };

  /** @returns whether this one will be seen */
  take(level: Level): boolean {
    this.#counts[level] += 1;
    if (this.#counts[level] <= perLevelMax) return true;
    this.dropped += 1;
    return false;
  }
}

/** Where an annotation points to: the runner drops parts of a place that contradict each other (ActionCommandManager.cs). */
export function placeOf(properties: WorkflowCommand['properties'], workspace: string) {
  const { file = '', endline: endLine = '', endcolumn: endColumn = '' } = properties;
  const { line = isNumber(endLine) ? endLine : '', col: column = isNumber(endColumn) ? endColumn : '' } = properties;
  const hasColumns =
    isNumber(line) &&
    (!isNumber(endLine) || line === endLine) &&
    !(isNumber(column) && isNumber(endColumn) && Number(endColumn) < Number(column));
  const hasLines = !(isNumber(line) && isNumber(endLine) && Number(endLine) < Number(line));
  return {
    file: fileBelow(workspace, file),
    line: hasLines ? line : '',
    endLine: hasLines ? endLine : '',
    column: hasColumns ? column : '',
    endColumn: hasColumns ? endColumn : '',
  };
}

const isNumber = (text: string): boolean => /^\s*[+-]?\d+\s*$/.test(text);

function fileBelow(workspace: string, file: string): string {
  if (!isAbsolute(file)) return file;
  const path = relative(workspace, file);
  return path === '' || path.startsWith('..') ? file : path;
}
