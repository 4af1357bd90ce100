import { catalogue } from '../../src/catalogue/catalogue.ts';
import { type Form, factsOf } from '../../src/catalogue/explain.ts';

/** docs/errors.md, from the catalogue: one section for each code, whose anchor is what messages link to. */
export function renderErrorDocs(): string {
  return [
    '# Errors and findings',
    'One section for each code; every message links to its section. Written by `npm run docs`; codes never change.',
    '',
    '- **Findings** are what checks and stages report about a mesh. `blocks` stops the run, `warns` and `notes` do not.',
    '- **Errors** end a run at once.',
    '- **Blame** says whose failure it is: the release, one workload, the surroundings, or a person. While the data plane moves,',
    '  only `release` may lead to a rollback (`on` in the config decides); everything else holds.',
    '',
    ...catalogue.flatMap(section),
  ].join('\n');
}

const section = (form: Form): readonly string[] => [
  `## ${form.code}`,
  form.title,
  '',
  ...factsOf(form).map(([name, text]) => `- **${name}:** ${text}`),
  '',
];
