import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './environment.ts';

/** The folder with the reports of a run: its own and that of its finalize step. */
export function reportFolder(env: Environment, runId: string): string {
  return join(env['RUNNER_TEMP'] ?? tmpdir(), `istio-canary-upgrade-${runId}`);
}
