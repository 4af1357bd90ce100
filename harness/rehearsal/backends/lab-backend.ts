import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRatio } from '../../../src/config/ratio.ts';
import { parseDuration } from '../../../src/model/duration.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import type { Hop } from '../../proof/lab/hop.ts';
import type { Lab } from '../../proof/lab/lab.ts';
import type { Backend, Conditions, EntryPoint } from '../model/backend.ts';
import { runByAction } from './action-entry-point.ts';
import { clusterLooks } from './cluster-looks.ts';
import { overlaid } from './rehearsal-config.ts';
import { runVerb } from './run-verb.ts';

const main = join(import.meta.dirname, '../../../src/main.ts');
const verbTimeoutMs = 300_000;

/** The real thing: the product runs as its own process inside the lab's network, or outside of it as a job of the Action. */
export async function labBackend(
  lab: Lab,
  hop: Hop,
  entryPoint: EntryPoint,
  { release, config }: Conditions,
  tell: (text: string) => void,
): Promise<Backend> {
  const { revision } = hop.to;
  const reach = entryPoint === 'action' ? await lab.reach() : undefined;
  const configFile = join(lab.stateDir, 'istio-upgrade.yaml');
  writeFileSync(configFile, overlaid(labConfig(lab, hop), config));
  const breakRelease = async ({ errors = 0, errorsIn, failure: { status = 503, noRoute = false } = {} } = release) => {
    const failing = { revision, errorRatio: parseRatio(errors), status, noRoute };
    for (const namespace of errorsIn ?? ['*']) await lab.traffic.setErrors({ ...failing, namespace });
    // As on the other backends, a release fails gateways only where a scenario names them.
    if (errorsIn === undefined) await lab.traffic.setErrors({ revision, namespace: 'istio-ingress', errorRatio: 0 });
  };
  if (release.slow !== undefined) await lab.traffic.setSlow({ revision, ms: parseDuration(release.slow) });
  if (release.errors !== undefined && release.errorsFromRun === undefined) await breakRelease();
  const list = async <T extends KubernetesObject>(kinds: string, ...where: string[]): Promise<T[]> => {
    const { stdout } = await lab.exec('kubectl', ['get', kinds, '--output', 'json', ...where], { timeout: 30_000 });
    return (JSON.parse(String(stdout)) as { items: T[] }).items;
  };
  const { stateDir: folder, exec } = lab;
  const commandLine = { main, configFile, folder, timeoutMs: verbTimeoutMs, exec };
  return {
    name: 'lab',
    ...hop,
    now: () => Date.now(),
    faultsThatNeverBegan: () => [],
    run: (verb, options = {}) =>
      reach === undefined
        ? runVerb(commandLine, verb, tell, options)
        : runByAction(
            verb,
            { workspace: lab.stateDir, kubeconfig: reach.kubeconfig, folder: lab.stateDir },
            { ...options, tell },
          ),
    change: async () => {
      // The scenario was refused if it had one.
      throw new Error('no other person or program changes the mesh of the lab');
    },
    breakRelease,
    repairRelease: async () => {
      for (const namespace of release.errorsIn ?? ['*'])
        await lab.traffic.setErrors({ revision, namespace, errorRatio: null });
    },
    ...clusterLooks(list, (namespace) => namespace !== 'istio-system'),
    close: async () => {
      reach?.close();
      await lab.stop();
    },
  };
}

/** Times fit for a scrape every two seconds. */
function labConfig(lab: Lab, { to }: Hop): string {
  return `mesh: { tag: default }
target: { version: ${to.version}, istioctl: "${lab.binaries.istioctl(to.version)}" }
gateways: [istio-ingress/istio-ingressgateway]
waves:
  - { name: canary, namespaces: [bar] }
  - { name: rest, namespaces: "*" }
gate:
  prometheus: kubernetes://monitoring/prometheus:9090
  interval: 2s
  settle: 4s
  bake: 12s
  maxBake: 2m
  watch: 10s
  errorRatio: 1%
soak: 5s
pace: { workloadsAtOnce: 2, rolloutTimeout: 2m }
`;
}
