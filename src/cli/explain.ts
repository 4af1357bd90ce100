import { codesLike, factsOf, formNamed } from '../catalogue/explain.ts';
import { docsOf } from '../model/code.ts';
import { oneEntry } from '../report/neutralise.ts';

/** `explain CODE`: the section of docs/errors.md, for a terminal. */
export function explain(asked: string): { text: string; exitCode: number } {
  const form = formNamed(asked);
  if (form === undefined) {
    const like = codesLike(asked).slice(0, 10);
    const hint =
      like.length === 0
        ? 'A code looks like TAG_MISSING; every message begins with one.'
        : `Like it: ${like.join(', ')}.`;
    return { text: `There is no code ${oneEntry(asked.slice(0, 80))}. ${hint}\n`, exitCode: 2 };
  }
  const lines = [
    `${form.code}: ${form.title}`,
    ...factsOf(form).map(([name, text]) => `  ${name}: ${text}`),
    `  Docs: ${docsOf(form.code)}`,
  ];
  return { text: `${lines.join('\n')}\n`, exitCode: 0 };
}
