import { readFileSync } from 'node:fs';
import type { Config } from '../../../src/config/config.ts';
import { ConfigFileUnreadable } from '../../../src/config/config-errors.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import type { Inventory } from '../../../src/inventory/inventory-schema.ts';
import { messageOf } from '../../../src/model/upgrade-error.ts';
import { InventoryUnfit, originOf } from './origin.ts';

export interface Rehearsable {
  config: Config;
  /** What of the config a simulator cannot follow, or what was assumed in place of a config. */
  assumptions: readonly string[];
}

/** @throws ConfigError CONFIG_INVALID; CONFIG_FILE_UNREADABLE; InventoryUnfit */
export function configForInventory(file: string | undefined, inventory: Inventory): Rehearsable {
  return file === undefined ? assumed(inventory) : adapted(loadConfig(textOf(file), file));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (failure) {
    throw ConfigFileUnreadable.because(failure, file, 'config', messageOf(failure));
  }
}

/** The mesh has other metrics than the simulator, and its values are of no account here. */
function adapted(config: Config): Rehearsable {
  const { gate, target } = config;
  return {
    config: {
      ...config,
      gate: { ...gate, checks: [], labels: { namespace: 'namespace', pod: 'pod' } },
      target: { ...target, valuesFiles: [], set: [] },
    },
    assumptions: [
      ...(gate.checks.length === 0 ? [] : [`the ${gate.checks.length} checks of your own are left out`]),
      ...(target.valuesFiles.length === 0 && target.set.length === 0
        ? []
        : ['target.values and target.set are left out']),
    ],
  };
}

/** The next minor release, the first namespace of the tag as canary, the rest after it. */
function assumed(inventory: Inventory): Rehearsable {
  const { tag, workloads } = inventory;
  const { version } = originOf(inventory);
  const [canary, ...others] = [
    ...new Set(
      workloads.filter(({ follows, isGateway }) => follows === tag && !isGateway).map((each) => each.namespace),
    ),
  ].sort();
  if (canary === undefined) throw new InventoryUnfit(`no workload follows tag ${tag}, so there is nothing to upgrade`);
  const [major = '', minor = ''] = version.split('.');
  const target = `${major}.${Number(minor) + 1}.0`;
  const text = `mesh: { tag: ${tag} }
target: { version: ${target} }
waves:
  - { name: canary, namespaces: [${canary}] }
${others.length === 0 ? '' : '  - { name: rest, namespaces: "*" }\n'}gate: { prometheus: "kubernetes://monitoring/prometheus:9090", bake: 5m }
soak: 1m
`;
  return {
    config: loadConfig(text, 'assumed.yaml'),
    assumptions: [
      `without a config: to ${target}, namespace ${canary} as canary, then the rest, each baked for 5 minutes`,
    ],
  };
}
