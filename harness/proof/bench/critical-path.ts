import { type GateSettings, gatewayBakeMs } from '../../../src/model/gate-settings.ts';
import type { Task } from '../faults/task.ts';
import type { IstioctlCall } from './counting-connection.ts';
import type { RolloutTime } from './rollout-record.ts';

/** The shares of the time that an upgrade with the settings of the task cannot avoid, in milliseconds. */
export interface CriticalPath {
  controlPlaneMs: number;
  gatewaysMs: number;
  rolloutsMs: number;
  bakesMs: number;
  soakMs: number;
  removalMs: number;
  totalMs: number;
}

/**
 * What the same upgrade takes when nothing is waited for in vain: istioctl's own install, tag and uninstall; the gateways
 * one after another; of each wave the slowest rollout, or all of them through the cap; the bake of each gateway and wave; the soak. The rollouts are
 * those of the run itself. Left out, so that they count as overhead: checks, the journal, the lock, looking, reacting.
 * The settle lag belongs to a bake: no sample can be judged before.
 */
export function criticalPath(
  { waves, gateways, workloadsAtOnce, soakMs }: Task,
  gate: GateSettings,
  rollouts: readonly RolloutTime[],
  calls: readonly IstioctlCall[],
): CriticalPath {
  const callMs = (pattern: RegExp) =>
    sum(
      calls.filter(({ command }) => pattern.test(command) && !/dry-run/.test(command)).map(({ from, to }) => to - from),
    );
  const controlPlaneMs = callMs(/^install /) + callMs(/^tag set /);
  const removalMs = callMs(/^uninstall /);
  const gatewaysMs = sum(
    rollouts.filter(({ namespace, name }) => gateways.includes(`${namespace}/${name}`)).map(lasting),
  );
  const rolloutsMs = sum(
    waves.map(({ namespaces }) => {
      const chosen = new Set(namespaces);
      const times = rollouts.filter(({ namespace }) => chosen.has(namespace)).map(lasting);
      return Math.max(largest(times), sum(times) / workloadsAtOnce);
    }),
  );
  const bakesMs = waves.length * (gate.bakeMs + gate.settleMs) + gateways.length * gatewayBakeMs(gate);
  const parts = { controlPlaneMs, gatewaysMs, rolloutsMs, bakesMs, soakMs, removalMs };
  return { ...parts, totalMs: sum(Object.values(parts)) };
}

/** What a careful person waits after each namespace. */
const afterNamespaceMs = 60_000;

/** The same rollouts one after the other, a pause after each namespace, one bake, no soak. */
export function oneAtATimeMs(
  { waves, bakeMs }: Task,
  { controlPlaneMs, removalMs }: CriticalPath,
  rollouts: readonly RolloutTime[],
): number {
  const namespaces = sum(waves.map((wave) => wave.namespaces.length));
  const waitedMs = bakeMs + (namespaces - 1) * afterNamespaceMs;
  return controlPlaneMs + sum(rollouts.map(lasting)) + waitedMs + removalMs;
}

const lasting = ({ from, to }: RolloutTime): number => to - from;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);
