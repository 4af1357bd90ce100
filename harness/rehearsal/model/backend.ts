import type { RunReport } from '../../../src/report/run-report.ts';
import type { SeenRequests } from '../../proof/kind/requests.ts';
import type { Scenario } from './scenario.ts';
import type { ChangeShape } from './scenario-schema.ts';

/** The part of a scenario that makes a mesh and breaks it. */
export type Conditions = Pick<Scenario, 'mesh' | 'release' | 'faults' | 'config'>;

/** A mesh to rehearse on, on whatever carries it. Scenarios know nothing else. */
export interface Backend {
  name: 'lab' | 'sim' | 'kind';
  from: { version: string; revision: string };
  to: { version: string; revision: string };
  /** Runs one verb of the product to its end, or ends it when its log has a text: kills it (SIGKILL), or cancels its job. */
  run(verb: string, options?: RunOptions): Promise<Ran>;
  /** The time of the mesh, Unix milliseconds: virtual on the simulator. */
  now(): number;
  /** Faults of the scenario whose moment did not come. */
  faultsThatNeverBegan(): readonly string[];
  /** What other people and programs do to the mesh. Resolves when the mesh shows it. */
  change(change: ChangeShape): Promise<void>;
  /** From now on the new release fails requests, as the scenario says with `errorsFromRun`. */
  breakRelease(): Promise<void>;
  /** From now on the new release fails no request that the old one would serve. */
  repairRelease(): Promise<void>;
  pods(): Promise<readonly SeenPod[]>;
  workloads(): Promise<readonly SeenWorkload[]>;
  /** What the objects of the default tag point at, by kind. */
  tag(): Promise<Readonly<Record<string, string>>>;
  /** Names of istiod's Deployments, Services and injector webhooks. */
  controlPlanes(): Promise<readonly string[]>;
  /** Every object of a namespace as text, without what status and time change by themselves. */
  snapshot(namespace: string): Promise<string>;
  /** What its clients got since a moment of its time; left out where no client calls the mesh. */
  requests?(since: number): Promise<readonly SeenRequests[]>;
  close(): Promise<void>;
}

export interface RunOptions {
  through?: string | undefined;
  killAt?: string | undefined;
  /** Counted from `workBegan`. */
  killAfterMs?: number | undefined;
  cancelAt?: string | undefined;
}

/** What a verb says once it knows what to do, and may write from then on. */
export const workBegan = /^(Upgrading|Resuming|↩)/m;

export interface Ran {
  /** `null` when it was killed. */
  exitCode: number | null;
  log: string;
  report: RunReport | undefined;
  /** When it ran through action.yml. */
  job?: { conclusion: string; summary: string; orphans: readonly string[] };
}

/** Where a rehearsal starts the product: its command line, or action.yml on the runner of `harness/proof/runner`. */
export type EntryPoint = 'cli' | 'action';

export interface SeenPod {
  namespace: string;
  name: string;
  /** What injected it; `none` without a sidecar. */
  revision: string;
  proxyImage: string;
  ready: boolean;
}

interface SeenWorkload {
  id: string;
  namespace: string;
  /** Counts the changes of its template since it was made. */
  generation: number;
}
