import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../../../src/config/nearest.ts';
import type { Scenario } from '../model/scenario.ts';
import { loadScenario } from './load-scenario.ts';

/** First what a person wants to see first, then by name. */
const first = ['seed', 'bad-release'];

/** Every scenario that lies beside this file. */
export function shippedScenarios(): readonly Scenario[] {
  return shippedNames().map((name) => loadScenario(fileOf(name)));
}

export function shippedNames(): readonly string[] {
  const names = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace(/\.yaml$/, ''));
  return [...first, ...names.filter((name) => !first.includes(name)).sort()];
}

/**
 * By the name of a shipped one, or by its file.
 * @throws UnknownScenario if it is neither; ScenarioInvalid
 */
export function findScenario(nameOrFile: string): Scenario {
  const names = shippedNames();
  if (names.includes(nameOrFile)) return loadScenario(fileOf(nameOrFile));
  if (existsSync(nameOrFile)) return loadScenario(nameOrFile);
  const meant = nearest(nameOrFile, names);
  throw new UnknownScenario(
    `there is no scenario and no file "${nameOrFile}"; ${meant === undefined ? `write a file or one of ${names.join(', ')}` : `did you mean "${meant}"?`}`,
  );
}

export class UnknownScenario extends Error {
  override readonly name = 'UnknownScenario';
}

const fileOf = (name: string): string => join(import.meta.dirname, `${name}.yaml`);
