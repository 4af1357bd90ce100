import type { Meaning } from '../../src/model/code.ts';
import { defineFinding, type Finding } from '../../src/model/finding.ts';

/** A finding with a code that no check has, for tests of code that only shows findings. */
export function aFinding(
  code: string,
  { severity = 'blocks', message = 'something is so', objects = [], fix = 'look', meaning = {} }: Facts = {},
): Finding {
  const defined = defineFinding({ code, severity, title: '', cause: '', fix, blames: 'person', ...meaning });
  return defined.of(message, objects);
}

type Facts = Partial<Omit<Finding, 'code' | 'meaning' | 'docs'>> & { meaning?: Partial<Meaning> };
