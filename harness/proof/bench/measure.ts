import { createSim } from '../../rehearsal/sim/create-sim.ts';
import type { SeedNamespace } from '../../rehearsal/sim/seed-mesh.ts';
import type { Contender } from '../faults/contender.ts';
import { configOf } from '../faults/ours.ts';
import { benchMesh, benchTask } from './bench-task.ts';
import { CountingConnection, type RequestCounts } from './counting-connection.ts';
import { type CriticalPath, criticalPath, oneAtATimeMs } from './critical-path.ts';
import { RolloutRecord, rollouts } from './rollout-record.ts';

/** One undisturbed upgrade of one mesh. */
export interface Measurement {
  contender: string;
  namespaces: number;
  pods: number;
  workloads: number;
  end: string;
  /** Of the mesh: virtual, the same with the same seed. */
  wallMs: number;
  criticalPath: CriticalPath;
  /** What the same rollouts would take one after the other; virtual. */
  oneAtATimeMs: number;
  rolloutsAtOnce: number;
  requests: RequestCounts;
  bytesSent: number;
  bytesReceived: number;
  /** Of this machine. */
  buildMs: number;
  runMs: number;
}

/** Traffic before the upgrade: Prometheus has samples to compare. */
const servedMs = 6 * 60_000;

export async function measure(
  contender: Contender,
  namespaces: number,
  { seed = 42, mesh = benchMesh(namespaces) }: { seed?: number; mesh?: readonly SeedNamespace[] } = {},
): Promise<Measurement> {
  const task = benchTask(namespaces);
  const began = performance.now();
  const sim = await createSim({ seed, namespaces: mesh });
  await sim.advance(servedMs);
  const built = performance.now();
  const connection = new CountingConnection(sim);
  const record = new RolloutRecord();
  for (const kind of rollouts) for (const object of sim.store.list(kind)) record.observe(kind, object, sim.clock.now());
  sim.store.onChange(({ kind, object }) => record.observe(kind, object, sim.clock.now()));
  const startedAt = sim.clock.now();
  const { done } = await contender.start(sim, { runId: 'bench', task, connection, tell: () => undefined });
  const claim = await sim.run(done, { limitMs: task.attemptMsMax });
  const finished = performance.now();
  const path = criticalPath(task, configOf(task).gate, record.ended, connection.calls);
  return {
    contender: contender.name,
    namespaces,
    pods: sim.pods().length,
    workloads: record.ended.length,
    end: claim.words,
    wallMs: sim.clock.now() - startedAt,
    criticalPath: path,
    oneAtATimeMs: oneAtATimeMs(task, path, record.ended),
    rolloutsAtOnce: record.mostAtOnce,
    requests: connection.requests,
    bytesSent: connection.bytesSent,
    bytesReceived: connection.bytesReceived,
    buildMs: built - began,
    runMs: finished - built,
  };
}
