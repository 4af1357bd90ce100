import type { RunReport } from '../../src/report/run-report.ts';
import type { Backend, DoorName } from '../backends/backend.ts';
import type { Expectations } from './expectations.ts';

/** One rehearsal: what is done to a fresh seed mesh, and what must be true. */
export interface Scenario {
  name: string;
  title: string;
  /** The only door through which it makes sense; left out: any. */
  door?: DoorName;
  run(backend: Backend, expectations: Expectations): Promise<readonly RunReport[]>;
}
