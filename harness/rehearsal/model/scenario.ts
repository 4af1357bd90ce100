import type { ScenarioShape } from './scenario-schema.ts';

/** One rehearsal as its file says it, with the file's name without its ending. */
export interface Scenario extends ScenarioShape {
  name: string;
}
