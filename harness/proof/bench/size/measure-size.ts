import type { WavePhase } from '../../../../src/report/wave-phases.ts';
import { configOf } from '../../faults/ours.ts';
import { readLiving } from '../../lab/lab-record.ts';
import { labFiles } from '../../lab/places.ts';
import { serviceAccountUser } from '../../lab/service-account.ts';
import { benchTask } from '../bench-task.ts';
import type { RequestCounts } from '../counting-connection.ts';
import { type CriticalPath, criticalPath } from '../critical-path.ts';
import { RolloutRecord } from '../rollout-record.ts';
import { AuditCounter, type AuditedRequests, readAuditLog } from './audit-log.ts';
import { LoadWatch, type ProcessLoad } from './process-load.ts';
import { Product, type ProductRun } from './product.ts';
import { sizeMesh } from './size-mesh.ts';
import { podsOf, recordRollouts, startSizedLab } from './sized-lab.ts';

/** A verb that only reads, on the whole mesh. */
export interface MeasuredLook {
  verb: string;
  wallMs: number;
  requests: number;
  istioctlRequests: number;
  bytesReceived: number;
  peakRss: number;
  cpuSeconds: number;
}

/** One upgrade of a mesh on a real API server. Milliseconds, bytes. */
export interface LabMeasurement {
  namespaces: number;
  workloads: number;
  pods: number;
  end: string;
  wallMs: number;
  criticalPath: CriticalPath;
  rolloutsAtOnce: number;
  /** Of the API server itself, while the stages from the gateways to the last wave ran. */
  requestsPerRestart: number | null;
  /** When each wave restarted and baked, from the report of the run. */
  phases: readonly WavePhase[];
  /** Of the engine, by purpose and verb; from the audit log. */
  requests: RequestCounts;
  /** Of istioctl, by verb. */
  istioctlRequests: RequestCounts;
  /** Of every other client, by program. */
  otherRequests: RequestCounts;
  bytesSent: number;
  bytesReceived: number;
  istioctlBytesReceived: number;
  peakRss: number;
  cpuSeconds: number;
  istioctlCpuSeconds: number;
  /** Programs of the lab during the upgrade, the busiest first. */
  loads: readonly ProcessLoad[];
  looks: readonly MeasuredLook[];
}

/** Longer than this an upgrade of the largest mesh does not take; it is then interrupted. */
const upgradeTimeoutMs = 40 * 60_000;
const lookTimeoutMs = 5 * 60_000;

export async function measureOnLab(
  namespaces: number,
  { tell, signal }: { tell: (text: string) => void; signal: AbortSignal },
): Promise<LabMeasurement> {
  const task = benchTask(namespaces);
  const mesh = sizeMesh(namespaces);
  const { lab, api, close } = await startSizedLab(mesh, { tell: (line) => tell(`${line}\n`), signal });
  try {
    const product = await Product.prepare(lab, task);
    const looks: ProductRun[] = [];
    for (const verb of ['check', 'plan', 'status'])
      looks.push(await product.run(verb, { tell, timeoutMs: lookTimeoutMs, signal }));
    const record = new RolloutRecord();
    const ending = new AbortController();
    const { ended } = await recordRollouts(api, record, ending.signal);
    const load = new LoadWatch(readLiving(lab.stateDir)?.holder.pid ?? 0);
    const upgraded = await product.run('upgrade', { tell, timeoutMs: upgradeTimeoutMs, signal });
    const loads = load.end();
    ending.abort();
    await ended;
    product.close();
    const runs = [...looks, upgraded];
    const counter = new AuditCounter(
      serviceAccountUser,
      runs.map(({ period }) => period),
    );
    const audited = await readAuditLog(labFiles(lab.stateDir).auditLog, counter);
    const { engine = {}, istioctl = {}, others = {} }: Partial<AuditedRequests> = audited.at(-1) ?? {};
    const calls = product.calls().filter(({ from }) => from >= upgraded.period.from);
    return {
      namespaces,
      workloads: record.ended.length,
      pods: podsOf(mesh),
      end: upgraded.exitCode === 0 ? 'completed' : `exit code ${upgraded.exitCode}`,
      wallMs: wallMs(upgraded),
      criticalPath: criticalPath(task, configOf(task).gate, record.ended, calls),
      rolloutsAtOnce: record.mostAtOnce,
      requestsPerRestart: product.report()?.cost.requestsPerRestartWhileRestarting ?? null,
      phases: product.report()?.phases ?? [],
      requests: engine,
      istioctlRequests: istioctl,
      otherRequests: others,
      bytesSent: upgraded.bytesSent,
      bytesReceived: upgraded.bytesReceived,
      istioctlBytesReceived: upgraded.istioctl.bytesReceived,
      peakRss: upgraded.peakRss,
      cpuSeconds: upgraded.cpuSeconds,
      istioctlCpuSeconds: upgraded.istioctl.cpuSeconds,
      loads,
      looks: looks.map((run, index) => lookOf(run, audited[index])),
    };
  } finally {
    await close();
  }
}

function lookOf(run: ProductRun, { engine = {}, istioctl = {} }: Partial<AuditedRequests> = {}): MeasuredLook {
  if (run.exitCode !== 0) throw new Error(`${run.verb} ended with exit code ${run.exitCode}: ${run.log.slice(-2_000)}`);
  return {
    verb: run.verb,
    wallMs: wallMs(run),
    requests: sum(engine),
    istioctlRequests: sum(istioctl),
    bytesReceived: run.bytesReceived,
    peakRss: run.peakRss,
    cpuSeconds: run.cpuSeconds,
  };
}

const wallMs = ({ period: { from, to } }: ProductRun): number => to - from;
const sum = (counts: RequestCounts): number => Object.values(counts).reduce((total, count) => total + count, 0);
