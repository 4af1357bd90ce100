import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { RunReport } from '../../../src/report/run-report.ts';
import type { Ran, RunOptions } from '../model/backend.ts';

const actionFolder = join(import.meta.dirname, '../../..');

/** Where a job of the Action runs. */
export interface JobPlace {
  /** The caller's checkout, with the config. */
  workspace: string;
  kubeconfig: string;
  /** RUNNER_TEMP, and where artifacts go. */
  folder: string;
}

/** Runs one verb through action.yml, as a job on GitHub would, and tells its log and its summary. */
export async function runByAction(
  verb: string,
  { workspace, kubeconfig, folder }: JobPlace,
  { tell, cancelAt, through, signal }: RunOptions & { tell: (text: string) => void; signal?: AbortSignal },
): Promise<Ran> {
  // GitHub's parser loads its schemas by a hook of its own; a caller that needs no Action does not pay for it.
  const { runAction } = await import('../../proof/runner/run-action.ts');
  const { uploadArtifact } = await import('../../proof/runner/stand-ins/upload-artifact.ts');
  const cancelling = new AbortController();
  const { steps, log, outputs, summary, conclusion, orphans } = await runAction({
    actionFolder,
    workspace,
    with: { command: verb, ...(through === undefined ? {} : { through }) },
    env: {
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: folder,
      KUBECONFIG: kubeconfig,
    },
    temp: join(folder, 'temp'),
    standIns: { 'actions/upload-artifact': uploadArtifact(join(folder, 'artifacts')) },
    cancel: AbortSignal.any([cancelling.signal, ...(signal === undefined ? [] : [signal])]),
    tell: (line) => {
      tell(`${line}\n`);
      if (cancelAt !== undefined && line.includes(cancelAt)) cancelling.abort();
    },
  });
  const report = outputs['report'] ?? '';
  return {
    exitCode: steps.find(({ id }) => id === 'run')?.exitCode ?? null,
    log,
    report: report === '' ? undefined : (JSON.parse(readFileSync(report, 'utf8')) as RunReport),
    job: { conclusion, summary, orphans: orphans.map(({ command }) => command) },
  };
}
