import { hideSecretsIn } from '../secrecy/hide-secrets.ts';
import { renderHtmlReport } from './html/render-html-report.ts';
import { jsonText } from './json-text.ts';
import type { RunReport } from './run-report.ts';

/** The content of a report file: an HTML page when its name ends in `.html`, else JSON. */
export function reportText(file: string, whole: RunReport): string {
  const report = hideSecretsIn(whole);
  return file.toLowerCase().endsWith('.html')
    ? renderHtmlReport(report, {
        title:
          report.cluster === undefined ? 'Istio canary upgrade' : `Istio canary upgrade of ${report.cluster.context}`,
      })
    : jsonText(report);
}
