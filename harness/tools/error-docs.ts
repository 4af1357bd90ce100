import { catalogue } from '../../src/catalogue/catalogue.ts';
import type { FindingForm } from '../../src/model/finding.ts';
import { failureCodes, outcomes } from '../../src/model/outcome.ts';
import type { ErrorForm, FailureKind } from '../../src/model/upgrade-error.ts';

type Form = (typeof catalogue)[number];

/** docs/errors.md, from the catalogue: one section for each code, whose anchor is what messages link to. */
export function renderErrorDocs(): string {
  return [
    '# Errors and findings',
    'One section for each code; every message links to its section. Written by `npm run docs`; codes never change.',
    '',
    '- **Findings** are what checks and stages report about a mesh. `blocks` stops the run, `warns` and `notes` do not.',
    '- **Errors** end a run at once.',
    '- **Blame** says whose failure it is: the release, one workload, the surroundings, or a person. While the data plane moves,',
    '  only `release` may lead to a rollback (`on` in the config decides); everything else holds, and both control planes run.',
    '',
    ...catalogue.flatMap(section),
  ].join('\n');
}

function section(form: Form): readonly string[] {
  return [
    `## ${form.code}`,
    form.title,
    '',
    `- **Cause:** ${form.cause}`,
    `- **Remedy:** ${remedyOf(form)}`,
    ...(isError(form) ? errorFacts(form) : [`- **Severity:** ${form.severity}`]),
    `- **Blame:** ${form.blames}`,
    '',
  ];
}

const isError = (form: Form): form is ErrorForm<never[]> => 'actor' in form;

/** @throws Error when an error's hint is made of names and nothing is written for those who have none yet */
function remedyOf(form: FindingForm | ErrorForm<never[]>): string {
  if (!isError(form)) return form.fix;
  const { code, hint, remedy } = form;
  if (remedy !== undefined) return remedy;
  if (typeof hint === 'string') return hint;
  throw new Error(`${code} has no remedy for docs/errors.md`);
}

const errorFacts = ({ actor, state, exit }: ErrorForm<never[]>): readonly string[] => [
  `- **Who acts:** ${actor}`,
  `- **State of the mesh:** ${state}`,
  `- **Ends the run as:** \`${exit}\`, exit code ${exitCodeOf(exit)}`,
];

const exitCodeOf = (kind: FailureKind): number =>
  kind === 'blocked' || kind === 'held' ? outcomes[kind].exitCode : failureCodes[kind].exitCode;
