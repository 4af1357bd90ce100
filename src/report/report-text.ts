import { renderHtmlReport } from './html/render-html-report.ts';
import type { RunReport } from './run-report.ts';

/** What belongs in a report's file: a page for people when its name ends in `.html`, else JSON. */
export function reportText(file: string, report: RunReport): string {
  return file.toLowerCase().endsWith('.html')
    ? renderHtmlReport(report, { title: 'Istio canary upgrade' })
    : `${JSON.stringify(report, null, 2)}\n`;
}
