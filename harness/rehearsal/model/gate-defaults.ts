import { loadConfig } from '../../../src/config/load-config.ts';
import type { GateSettings } from '../../../src/model/gate-settings.ts';

/** How waves are judged if a config says no more than it must. */
export const gateDefaults: GateSettings = loadConfig(
  'target: { version: 1.31.0 }\nwaves: [{ name: canary, namespaces: [bar] }]\ngate: { prometheus: http://prometheus }\n',
  'defaults.yaml',
).gate;
