import type { DefinedFinding, Problem } from '../model/finding.ts';
import type { UnhealthyBefore } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import { unfinished } from '../model/restart-mark.ts';
import type { Trouble, Workload, World } from '../model/world.ts';
import { isSidecarContainer } from '../workloads/sidecar-containers.ts';
import { definitionOf } from '../workloads/workloads.ts';
import {
  NodeLost,
  NoRoom,
  PodDoesNotEnd,
  RolloutBroken,
  WorkloadBroken,
  WorkloadSuspected,
} from './rollout-findings.ts';

/** A trouble, and what is known of its workload. */
interface Seen {
  trouble: Trouble;
  /** The workload was in no better state before the upgrade began. */
  wasSoBefore: boolean;
  /** The pod runs the proxy that is to be left. */
  isOnOther: boolean;
  /** How long the rollout has not moved, in milliseconds. */
  stillMs: number;
  /** Its pod template is not the one of our restart, or had not come up then. */
  isChanged: boolean;
  /** Another rollout had not ended at our restart. */
  wasUnfinished: boolean;
  roomTimeoutMs: number;
}

/** One row of the table: what is seen, and whose failure it then is. */
export interface Row {
  seen: string;
  applies(seen: Seen): boolean;
  /** Whether it has lasted long enough to count; until then it is waited for. */
  lasts?(seen: Seen): boolean;
  /** How long, in words. */
  lasting?: string;
  finding: DefinedFinding<string, 'blocks'>;
}

const secondMs = 1_000;
const comesUpWithinMs = 120 * secondMs;
const crashesMin = 3;

/** What no proxy can cause. */
const ownReasons: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'CreateContainerConfigError',
]);

const isSidecar = ({ trouble: { container } }: Seen): boolean =>
  container !== undefined && isSidecarContainer(container.name);
const failsToo = ({ trouble }: Seen): boolean => trouble.container?.failedBefore === true;
/** An image that the runtime cannot start is never restarted, so that only its time counts. */
const hasRestarted = ({ what, reason, container }: Trouble): boolean =>
  (what === 'starting' && reason !== 'CrashLoopBackOff') || (container?.restarts ?? 0) >= crashesMin;

/** Whose failure it is that a new pod does not come up. The first row that applies decides. docs/troubled-rollouts.md shows it. */
export const blameTable: readonly Row[] = [
  {
    seen: 'no node has room for the pod',
    applies: ({ trouble }) => trouble.what === 'waiting',
    lasts: ({ trouble, roomTimeoutMs }) => trouble.forMs >= roomTimeoutMs,
    lasting: '`pace.roomTimeout`',
    finding: NoRoom,
  },
  {
    seen: 'the node of the pod does not report',
    applies: ({ trouble }) => trouble.what === 'node-lost',
    lasts: ({ trouble }) => trouble.forMs >= 60 * secondMs,
    lasting: '1 minute',
    finding: NodeLost,
  },
  {
    seen: 'the pod before it does not end',
    applies: ({ trouble }) => trouble.what === 'ending',
    finding: PodDoesNotEnd,
  },
  {
    seen: 'a pod with the proxy that is to be left does not come up, and nothing moves',
    applies: ({ isOnOther }) => isOnOther,
    lasts: ({ stillMs }) => stillMs >= 30 * secondMs,
    lasting: '30 seconds',
    finding: WorkloadBroken,
  },
  {
    seen: 'a container fails, and fails in the same way in pods with the old proxy',
    applies: failsToo,
    finding: WorkloadBroken,
  },
  {
    seen: 'a container of the sidecar cannot be pulled, cannot be run or crashes',
    applies: (seen) => isSidecar(seen) && seen.trouble.what === 'starting',
    lasts: ({ trouble }) => trouble.forMs >= 30 * secondMs,
    lasting: '30 seconds',
    finding: RolloutBroken,
  },
  {
    seen: 'a container of the sidecar runs and is not ready',
    applies: isSidecar,
    lasts: ({ trouble }) => trouble.forMs >= comesUpWithinMs,
    lasting: '2 minutes',
    finding: RolloutBroken,
  },
  {
    seen: 'the image or the config of the application is wrong',
    applies: ({ trouble }) => ownReasons.has(trouble.reason),
    finding: WorkloadBroken,
  },
  {
    seen: 'the application fails, and the workload was no better before the upgrade',
    applies: ({ wasSoBefore }) => wasSoBefore,
    finding: WorkloadBroken,
  },
  {
    seen: 'the application fails, and its template was changed after the restart or was being rolled out then',
    applies: ({ isChanged }) => isChanged,
    finding: WorkloadBroken,
  },
  {
    seen: 'the application fails, although it was healthy before and its template is unchanged',
    applies: () => true,
    lasts: ({ trouble }) => trouble.forMs >= comesUpWithinMs && hasRestarted(trouble),
    lasting: '2 minutes and 3 restarts',
    finding: WorkloadSuspected,
  },
];

/** @returns what the table says of a trouble that keeps a pod from coming up; nothing while it has not lasted long enough */
export function blame(
  trouble: Trouble,
  workload: Workload,
  { marks, stillFor }: Pick<World, 'marks' | 'stillFor'>,
  { pace, to }: Plan,
): Problem[] {
  const seen: Seen = {
    trouble,
    wasSoBefore: wasSoBefore(workload, marks.unhealthyBefore),
    isOnOther: trouble.revision !== to && trouble.revision !== 'none',
    stillMs: stillFor.get(workload.id) ?? 0,
    isChanged: isChanged(workload),
    wasUnfinished: workload.restartedBy?.template === unfinished,
    roomTimeoutMs: pace.roomTimeoutMs,
  };
  const row = blameTable.find(({ applies }) => applies(seen));
  if (row === undefined || row.lasts?.(seen) === false) return [];
  return [row.finding.of(describe(seen), [workload.id], adviceOf(row, trouble, workload))];
}

/** Whether no more pods are missing than before the upgrade, of a workload that was not healthy then. */
export function wasSoBefore(
  { id, rollout }: Pick<Workload, 'id' | 'rollout'>,
  before: UnhealthyBefore | undefined,
): boolean {
  const then = before?.workloads[id];
  return then !== undefined && rollout.desired - rollout.ready <= then.desired - then.ready;
}

/** Whether the pod template was changed after our restart, or was being rolled out then. Marks of earlier releases do not say. */
export const isChanged = ({ restartedBy, template }: Pick<Workload, 'restartedBy' | 'template'>): boolean =>
  restartedBy?.template !== undefined && restartedBy.template !== template.hash;

function describe({ trouble, wasSoBefore: was, isChanged: changed, wasUnfinished }: Seen): string {
  const { what, workload, pod, container, reason, message, forMs } = trouble;
  if (what === 'ending') return `${workload}: pod ${pod} does not end, and its successor waits for it: ${message}.`;
  if (what === 'node-lost') return `${workload}: pod ${pod}: ${message}.`;
  const where = container === undefined ? `pod ${pod}` : `container ${container.name} of pod ${pod}`;
  const why = `${reason}${message ? `: ${message}` : ''}`;
  const since = forMs < 1_000 ? '' : ` (for ${Math.round(forMs / 1000)} s)`;
  const failing = what === 'unready' ? `${where} is not ready: ${why}` : `${where} cannot start: ${why}`;
  const known = was
    ? '; the workload was no better before the upgrade'
    : wasUnfinished
      ? '; another rollout of it had not ended at the restart'
      : changed
        ? '; its template was changed after the restart'
        : '';
  return `${workload}: ${failing}${since}${known}`;
}

function adviceOf({ finding }: Row, { what, pod }: Trouble, { kind }: Workload): string {
  const repair = finding.definition.fix;
  const advice =
    what === 'starting' || what === 'waiting' ? definitionOf(kind).adviceWhenPodCannotStart?.(pod) : undefined;
  return advice === undefined ? repair : `${repair} ${advice}`;
}
