import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, startLab } from '../../harness/proof/lab/lab.ts';
import { installSeedMesh } from '../../harness/proof/lab/mesh.ts';
import { SEED_PROXIES } from '../../harness/proof/lab/seed-mesh-objects.ts';
import { waitUntil } from '../../harness/proof/lab/wait-until.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const verbTimeoutMs = 240_000;

/** How one run of the product ended, as a caller of the process sees it. */
export interface Ended {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
  text: string;
}

/** A lab with the seed mesh, scraped often enough for a gate to see traffic. */
export async function startSeedLab(): Promise<Lab> {
  const lab = await startLab();
  try {
    await installSeedMesh(lab);
    const query = `count(count_over_time(istio_build{component="proxy"}[1m]) >= 2) >= ${SEED_PROXIES} and on() count(pilot_info)`;
    await waitUntil(
      'Prometheus to have seen every proxy and istiod twice',
      async () => {
        const asked = await lab.exec('promtool', ['query', 'instant', lab.prometheusUrl, query], { timeout: 10_000 });
        return String(asked.stdout).trim() !== '';
      },
      { deadlineMs: 60_000 },
    );
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** The product as its own process inside the lab's network, as a user would run it. */
export async function runProduct(lab: Lab, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const ended = await lab.exec(process.execPath, [main, ...args], { reject: false, timeout: verbTimeoutMs, env });
  const [stdout, stderr] = [String(ended.stdout), String(ended.stderr)];
  return { exitCode: ended.exitCode, stdout, stderr, text: `${stdout}\n${stderr}` };
}

/** A config that suits the seed mesh and a scrape every two seconds; each part can be replaced. */
export interface ConfigParts {
  version?: string;
  revision?: string;
  istioctl?: string;
  /** Instead of the usual part `mesh`. */
  mesh?: string;
  /** More keys of `target`. */
  target?: string;
  waves?: string;
  gateways?: string;
  prometheus?: string;
  checks?: string;
  /** More keys of `pace`. */
  pace?: string;
  more?: string;
}

export function writeConfig(lab: Lab, name: string, parts: ConfigParts = {}): string {
  const folder = join(lab.stateDir, 'configs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name.replace(/[^a-z0-9]+/gi, '-')}.yaml`);
  const revision = parts.revision === undefined ? '' : `, revision: ${parts.revision}`;
  writeFileSync(
    file,
    `${parts.mesh ?? 'mesh: { tag: default }'}
target: { version: ${parts.version ?? '1.31.0'}${revision}, istioctl: "${parts.istioctl ?? lab.binaries.istioctl('1.31.0')}", ${parts.target ?? ''} }
gateways: [${parts.gateways ?? 'istio-ingress/istio-ingressgateway'}]
waves: ${parts.waves ?? '[{ name: canary, namespaces: [bar] }, { name: rest, namespaces: "*" }]'}
gate:
  prometheus: "${parts.prometheus ?? lab.prometheusUrl}"
  interval: 2s
  settle: 4s
  bake: 12s
  watch: 10s
  checks: ${parts.checks ?? '[]'}
soak: 5s
pace: { workloadsAtOnce: 2, rolloutTimeout: 2m, ${parts.pace ?? ''} }
${parts.more ?? ''}`,
  );
  return file;
}
