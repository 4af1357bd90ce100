import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shellWord } from '../../../../src/model/shell-word.ts';
import type { ServedSim } from './serve-sim.ts';
import { servedConfig } from './served-config.ts';

/**
 * What a person at a shell needs besides the kubeconfig: a file to be sourced, and a config with short times.
 * @returns both as absolute paths
 */
export function writeSurroundings(
  { kubeconfig, istioctl, nodeOptions }: ServedSim,
  { folder, speed }: { folder: string; speed: number },
): { env: string; config: string } {
  const env = join(folder, 'env');
  const config = join(folder, 'istio-upgrade.yaml');
  const lines = [
    `export KUBECONFIG=${shellWord(kubeconfig)}`,
    // NODE_OPTIONS below names a file in TypeScript, at which an older Node of the machine ends: the Node of this process comes first.
    `export PATH=${shellWord(dirname(istioctl))}:${shellWord(dirname(process.execPath))}:"$PATH"`,
    // At a speed of one the clocks agree without it.
    ...(speed === 1 ? [] : [`export NODE_OPTIONS=${shellWord(nodeOptions)}`]),
  ];
  writeFileSync(env, `${lines.join('\n')}\n`, { mode: 0o600 });
  writeFileSync(config, servedConfig(istioctl));
  return { env, config };
}
