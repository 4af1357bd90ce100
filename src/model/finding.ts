/** Something that a check has to say. `blocks` stops the run before anything is touched. */
export interface Finding {
  /** Permanent; users search for it. */
  code: string;
  severity: 'blocks' | 'warns' | 'notes';
  message: string;
  /** What it is about, by name; at most ten are shown. */
  objects: readonly string[];
  /** What to do about it. */
  fix: string;
}

/** A finding that stops the run. */
export type Problem = Finding & { severity: 'blocks' };

export function problem(code: string, message: string, fix: string, objects: readonly string[] = []): Problem {
  return { code, severity: 'blocks', message, fix, objects };
}

export function warning(code: string, message: string, fix: string, objects: readonly string[] = []): Finding {
  return { code, severity: 'warns', message, fix, objects };
}

export function note(code: string, message: string, fix: string, objects: readonly string[] = []): Finding {
  return { code, severity: 'notes', message, fix, objects };
}

export function isProblem(finding: Finding): finding is Problem {
  return finding.severity === 'blocks';
}
