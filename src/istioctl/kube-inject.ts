import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import type { InjectorTexts } from '../ports/mesh-tool.ts';
import type { Pod } from '../ports/objects.ts';
import { type IstioctlCalls, read } from './istioctl-calls.ts';

const injected = z.looseObject({
  kind: z.literal('Pod'),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string() })) }),
});

/**
 * Renders the injector's templates for a pod. It reads the texts from files, and without all three it would ask the cluster.
 * Which kind of container the proxy is comes from the environment: with no cluster, istioctl knows no nodes (pkg/kube/inject/inject.go of 1.31).
 */
export async function kubeInject(
  calls: IstioctlCalls,
  pod: Pod,
  revision: string,
  { mesh, config, values }: InjectorTexts,
  nativeSidecars: boolean,
): Promise<Pod> {
  // Synchronously: while files are written in the background, the simulator takes its world for idle, and lets time pass.
  const folder = mkdtempSync(join(tmpdir(), 'istio-canary-upgrade-'));
  try {
    const files = { meshConfigFile: mesh, injectConfigFile: config, valuesFile: values };
    const flags = Object.entries(files).map(([flag, text]) => {
      const path = join(folder, flag);
      writeFileSync(path, text, { mode: 0o600 });
      return [`--${flag}`, path];
    });
    const asked = await calls.succeedLocally(['kube-inject', '-f', '-', '--revision', revision, ...flags.flat()], {
      stdin: JSON.stringify(pod),
      env: { ENABLE_NATIVE_SIDECARS: String(nativeSidecars) },
    });
    // It ends each document, the last one too, by the line that begins the next.
    return read(asked, (stdout) => injected.parse(parseAllDocuments(stdout)[0]?.toJS()) as unknown as Pod);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
