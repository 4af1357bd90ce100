import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RanAction } from '../../harness/proof/runner/job.ts';
import { runAction } from '../../harness/proof/runner/run-action.ts';
import { uploadArtifact } from '../../harness/proof/runner/stand-ins/upload-artifact.ts';
import { servedConfig } from '../../harness/rehearsal/sim/serve/served-config.ts';
import type { Journal } from '../../src/model/journal.ts';
import { ConfigMaps } from '../../src/ports/kinds.ts';
import type { ConfigMap } from '../../src/ports/objects.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { type Serving, serving } from '../rehearsal/sim/serve-fixtures.ts';

export const actionFolder = join(import.meta.dirname, '../..');
export const speed = 20;

export interface Acting {
  /** The caller's workspace. */
  workspace: string;
  /** Where `actions/upload-artifact` puts what it gets. */
  artifacts: string;
  /** RUNNER_TEMP, where reports lie. */
  temp: string;
  env: Record<string, string>;
}

/** A job's surroundings without any cluster. */
export function surroundings(env: Record<string, string> = {}): Acting {
  const folder = mkdtempSync(join(tmpdir(), 'acting-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const workspace = join(folder, 'work');
  mkdirSync(workspace);
  return {
    workspace,
    artifacts: join(folder, 'artifacts'),
    temp: join(folder, 'temp'),
    env: { PATH: nodeFirst(process.env['PATH']), HOME: folder, ...env },
  };
}

/** A runner's image has a fit Node on its PATH; this machine may have an older one. */
const nodeFirst = (path = ''): string => [dirname(process.execPath), path].join(delimiter);

/** The seed mesh on a served simulator, and a workspace with a config for it. */
export async function mesh(on = ''): Promise<Acting & { served: Serving }> {
  const served = await serving({ speed, servedBeforeMs: 10 * 60_000 });
  const acting = surroundings({ KUBECONFIG: served.kubeconfig, NODE_OPTIONS: served.nodeOptions });
  writeFileSync(join(acting.workspace, 'istio-upgrade.yaml'), servedConfig(served.istioctl, on));
  return { ...acting, served };
}

export interface Act {
  with: Record<string, string>;
  /** The job is cancelled when this resolves. */
  cancel?: AbortSignal;
  tell?: (line: string) => void;
  /** The runner's waits, as a part of the real ones. */
  signalFactor?: number;
  /** RUNNER_DEBUG. */
  debug?: boolean;
}

/** Runs action.yml as GitHub's runner would; what the simulator lives through in a second, the runner does too. */
export function act(
  { workspace, artifacts, temp, env }: Acting,
  { signalFactor = 1 / speed, ...job }: Act,
): Promise<RanAction> {
  return runAction({
    actionFolder,
    workspace,
    env,
    temp,
    toolCache: join(temp, 'tools'),
    standIns: { 'actions/upload-artifact': uploadArtifact(artifacts) },
    signalFactor,
    ...job,
  });
}

export const reportOf = ({ outputs }: RanAction): RunReport =>
  JSON.parse(readFileSync(outputs['report'] ?? '', 'utf8')) as RunReport;

export function journalOf({ sim }: Serving): Journal | undefined {
  const found = sim.store.get<ConfigMap>(ConfigMaps, 'istio-canary-upgrade-default', 'istio-system');
  const text = found?.data?.['journal'];
  return text === undefined ? undefined : (JSON.parse(text) as Journal);
}

/** Live mesh pods by the revision that injected them. */
export function podsByRevision({ sim }: Serving): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const namespace of ['foo', 'bar', 'baz', 'istio-ingress'])
    for (const { metadata } of sim.pods(namespace)) {
      if (metadata.deletionTimestamp !== undefined) continue;
      const status = JSON.parse(metadata.annotations?.['sidecar.istio.io/status'] ?? '{}') as { revision?: string };
      const revision = status.revision ?? 'none';
      counts[revision] = (counts[revision] ?? 0) + 1;
    }
  return counts;
}

/** SIGKILL for the run step's process of this mesh, as when a machine runs out of memory. */
export function killRunStep({ kubeconfig }: Serving): void {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && isRunStep(entry, kubeconfig));
  for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
}

function isRunStep(pid: string, kubeconfig: string): boolean {
  try {
    const text = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
    return text('cmdline').endsWith('action\0run\0') && text('environ').includes(`KUBECONFIG=${kubeconfig}`);
  } catch {
    // It ended between two looks.
    return false;
  }
}
