import type { Finding } from '../../src/model/finding.ts';

/** Severity and code of each finding, in order. */
export const said = (findings: readonly Finding[]): string[] =>
  findings.map(({ code, severity }) => `${severity} ${code}`);
