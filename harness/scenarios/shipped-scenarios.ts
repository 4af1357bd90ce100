import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadScenario } from './load-scenario.ts';
import type { Scenario } from './scenario.ts';

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

/** By the name of a shipped one, or by its file. */
export function findScenario(nameOrFile: string): Scenario {
  return loadScenario(shippedNames().includes(nameOrFile) ? fileOf(nameOrFile) : nameOrFile);
}

const fileOf = (name: string): string => join(import.meta.dirname, `${name}.yaml`);
