import type { Observation } from './observation.ts';
import type { Scene } from './scene.ts';

export interface ContractCase {
  /** A sentence about the real thing. */
  title: string;
  look(scene: Scene): Promise<Observation>;
}

/** A group of cases by title. */
export function cases(group: Readonly<Record<string, ContractCase['look']>>): ContractCase[] {
  return Object.entries(group).map(([title, look]) => ({ title, look }));
}
