import type { RunReport } from '../run-report.ts';
import { findings } from './findings.ts';
import { counted } from './format.ts';
import { gateCharts } from './gate-chart.ts';
import { headline } from './headline.ts';
import { type Content, html, type Markup } from './html.ts';
import { page } from './page.ts';
import { podsChart } from './pods-chart.ts';
import { details } from './section.ts';
import { table } from './table.ts';
import { costTable, effectsTable, stagesTable, wavesTables } from './tables.ts';
import { timeline } from './timeline.ts';

export interface HtmlReportOptions {
  /** The title of the page, for example what was rehearsed. */
  title: string;
  /** The expectations of a rehearsal; shown before the runs. */
  expectations?: readonly { claim: string; holds: boolean; saw: string }[];
}

/**
 * One or several runs as a document of one file, for an engineer on call: the result and what to do, then the findings, then
 * charts, then everything in tables. All text of the reports may come from a cluster, and is escaped.
 */
export function renderHtmlReport(report: RunReport | readonly RunReport[], options: HtmlReportOptions): string {
  const reports = [report].flat() as readonly RunReport[];
  const [only] = reports;
  const isOne = reports.length === 1 && only !== undefined;
  return page(options.title, [
    isOne ? html`<p class="title">${options.title}</p>` : html`<h1>${options.title}</h1>`,
    claims(options.expectations ?? []),
    reports.length === 0 && html`<p>No run left a report.</p>`,
    isOne ? run(only, 1) : reports.map((each, index) => run(each, 2, `Run ${index + 1} of ${reports.length}: `)),
  ]);
}

function run(report: RunReport, level: number, prefix = ''): Markup {
  const parts: readonly Content[] = [
    headline(report, level, prefix),
    findings(report, level + 1),
    timeline(report, level + 1),
    podsChart(report, level + 1),
    gateCharts(report, level + 1),
    stagesTable(report, level + 1),
    wavesTables(report, level + 1),
    effectsTable(report, level + 1),
    costTable(report, level + 1),
  ];
  return html`<article>
${parts}
</article>`;
}

/** The expectations that failed come first; the others are folded. */
function claims(all: NonNullable<HtmlReportOptions['expectations']>): Content {
  if (all.length === 0) return undefined;
  const failed = all.filter(({ holds }) => !holds);
  return [
    failed.length > 0 &&
      html`<ul class="findings">${failed.map(({ claim, saw }) => html`<li class="blocks"><p><strong>✘ Expected: ${claim}</strong></p><p>Saw: ${saw}</p></li>`)}</ul>`,
    details(
      `${all.length - failed.length} of ${counted(all.length, 'expectation')} hold`,
      table(
        'What the rehearsal expects',
        [{ title: 'expectation' }, { title: 'holds' }],
        all.map(({ claim, holds }) => [claim, holds ? '✔ yes' : '✘ no']),
      ),
    ),
  ];
}
