import { blameTable, type Row } from '../../src/rollout/blame.ts';

const begin = '<!-- begin: whose failure (npm run docs) -->';
const end = '<!-- end: whose failure -->';

/** The page with its table of evidence as the code has it. */
export function withBlameTable(page: string): string {
  const [before, rest = ''] = page.split(begin);
  const [, after = ''] = rest.split(end);
  const rows = blameTable.map(({ seen, lasting = 'at once', finding: { definition } }) => {
    const { code, blames } = definition;
    return `| ${seen} | ${lasting} | ${blamed(definition, blames)} | \`${code}\` |`;
  });
  const table = ['| seen | counts after | whose failure | code |', '|---|---|---|---|', ...rows];
  return `${before}${begin}\n${table.join('\n')}\n${end}${after}`;
}

const blamed = ({ suspected }: Row['finding']['definition'], blames: string): string =>
  suspected === true ? 'the release is suspected' : blames;
