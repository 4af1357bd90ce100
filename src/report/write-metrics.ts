import { renameSync, writeFileSync } from 'node:fs';
import { hideSecretsIn } from '../secrecy/hide-secrets.ts';
import type { RunReport } from './run-report.ts';

/** Replaces the file atomically: a textfile collector may read it at any moment and never gets half of it. Throws what `fs` throws. */
export async function writeMetrics(file: string, report: RunReport): Promise<void> {
  // Loaded only here: most runs write no metrics.
  const { renderMetrics } = await import('./render-metrics.ts');
  // A collector takes every file that ends in .prom.
  const next = `${file}.next`;
  writeFileSync(next, await renderMetrics(hideSecretsIn(report)));
  renameSync(next, file);
}
