import type { FindingForm } from '../model/finding.ts';
import { failureCodes, outcomes } from '../model/outcome.ts';
import type { ErrorForm, FailureKind } from '../model/upgrade-error.ts';
import { catalogue } from './catalogue.ts';

export type Form = (typeof catalogue)[number];

/** What there is to say about a code, in the order of docs/errors.md; the names are short, the texts sentences. */
export function factsOf(form: Form): readonly (readonly [name: string, text: string])[] {
  return [
    ['Cause', form.cause],
    ['Remedy', remedyOf(form)],
    ...(isError(form) ? errorFacts(form) : [['Severity', form.severity] as const]),
    ['Blame', form.blames],
  ];
}

/** @param text a code as a person types it; `IST0101` is one of the family ISTNNNN. @returns undefined for none */
export function formNamed(text: string): Form | undefined {
  const code = text.trim().toUpperCase().replaceAll('-', '_');
  return catalogue.find((form) => form.code === code.replace(/^IST\d{4}$/, 'ISTNNNN'));
}

/** The codes that contain a word, for a person who does not remember one. */
export const codesLike = (text: string): readonly string[] =>
  catalogue.map(({ code }) => code).filter((code) => code.includes(text.trim().toUpperCase()));

const isError = (form: Form): form is ErrorForm<never[]> => 'actor' in form;

/** @throws Error when an error's hint is made of names and nothing is written for those who have none yet */
function remedyOf(form: FindingForm | ErrorForm<never[]>): string {
  if (!isError(form)) return form.fix;
  const { code, hint, remedy } = form;
  if (remedy !== undefined) return remedy;
  if (typeof hint === 'string') return hint;
  throw new Error(`${code} has no remedy for docs/errors.md`);
}

const errorFacts = ({ actor, state, exit }: ErrorForm<never[]>): readonly (readonly [string, string])[] => [
  ['Who acts', actor],
  ['State of the mesh', state],
  ['Ends the run as', `\`${exit}\`, exit code ${exitCodeOf(exit)}`],
];

const exitCodeOf = (kind: FailureKind): number =>
  kind === 'blocked' || kind === 'held' ? outcomes[kind].exitCode : failureCodes[kind].exitCode;
