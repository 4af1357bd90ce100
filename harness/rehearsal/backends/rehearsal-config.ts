import { parse, stringify } from 'yaml';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { DEFAULT_HOP } from '../../proof/lab/hop.ts';

/** The config of a rehearsal on the simulator: virtual time is free, so its times are those of a real mesh. */
export const simConfigText = (version = DEFAULT_HOP.to.version): string => `mesh: { tag: default }
target: { version: ${version} }
waves:
  - { name: canary, namespaces: [bar] }
  - { name: rest, namespaces: "*" }
gate: { prometheus: "kubernetes://monitoring/prometheus:9090", bake: 5m }
soak: 1m
`;

type Overlay = Readonly<Record<string, unknown>>;

/** A config's text with an overlay laid over it, map by map; lists and values are replaced. */
export function overlaid(base: string, overlay: Overlay): string {
  return Object.keys(overlay).length === 0 ? base : stringify(merged(parse(base), overlay));
}

/** @throws ConfigError CONFIG_INVALID */
export function rehearsalConfig(base: string, overlay: Overlay): Config {
  return loadConfig(overlaid(base, overlay), 'rehearsal.yaml');
}

function merged(base: unknown, overlay: unknown): unknown {
  if (!isMap(base) || !isMap(overlay)) return overlay;
  return Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(overlay)])].map((key) => [
      key,
      key in overlay ? merged(base[key], overlay[key]) : base[key],
    ]),
  );
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
