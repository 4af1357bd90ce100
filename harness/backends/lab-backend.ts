import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRatio } from '../../src/config/ratio.ts';
import type { KubernetesObject, Pod } from '../../src/kubernetes/objects.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import type { Lab } from '../lab/lab.ts';
import { runByAction } from './action-door.ts';
import { type Backend, type Conditions, type DoorName, type Ran, type RunOptions, workBegan } from './backend.ts';
import { overlaid } from './rehearsal-config.ts';
import { seenPod, tagOf } from './seen.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const verbTimeoutMs = 300_000;

/** The real thing: the product runs as its own process inside the lab's network, or outside of it as a job of the Action. */
export async function labBackend(
  lab: Lab,
  door: DoorName,
  { release, config }: Conditions,
  tell: (text: string) => void,
): Promise<Backend> {
  const reach = door === 'action' ? await lab.reach() : undefined;
  const configFile = join(lab.stateDir, 'istio-upgrade.yaml');
  writeFileSync(configFile, overlaid(labConfig(lab), config));
  if (release.errors !== undefined)
    await lab.traffic.setErrors({ revision: '1-31-0', errorRatio: parseRatio(release.errors) });
  const list = async <T extends KubernetesObject>(kinds: string, ...where: string[]): Promise<T[]> => {
    const { stdout } = await lab.exec('kubectl', ['get', kinds, '--output', 'json', ...where], { timeout: 30_000 });
    return (JSON.parse(String(stdout)) as { items: T[] }).items;
  };
  return {
    name: 'lab',
    from: { version: '1.30.4', revision: '1-30-4' },
    to: { version: '1.31.0', revision: '1-31-0' },
    now: () => Date.now(),
    faultsThatNeverBegan: () => [],
    run: (verb, options = {}) =>
      reach === undefined
        ? runVerb(lab, configFile, verb, tell, options)
        : runByAction(
            verb,
            { workspace: lab.stateDir, kubeconfig: reach.kubeconfig, folder: lab.stateDir },
            { ...options, tell },
          ),
    pods: async () =>
      (await list<Pod>('pods', '--all-namespaces'))
        .filter((pod) => pod.metadata.deletionTimestamp === undefined)
        .map(seenPod),
    workloads: async () =>
      (await list('deployments,statefulsets,daemonsets', '--all-namespaces'))
        .filter(({ metadata }) => metadata.namespace !== 'istio-system')
        .map(({ kind, metadata }) => ({
          id: `${kind} ${metadata.namespace}/${metadata.name}`,
          namespace: metadata.namespace ?? '',
          generation: metadata.generation ?? 0,
        })),
    tag: async () =>
      tagOf(
        await list('mutatingwebhookconfigurations'),
        await list('validatingwebhookconfigurations'),
        await list('services', '--namespace', 'istio-system'),
      ),
    controlPlanes: async () => [
      ...(await list('deployments', '--namespace', 'istio-system')).map(
        ({ metadata }) => `Deployment ${metadata.name}`,
      ),
      ...(await list('services', '--namespace', 'istio-system'))
        .filter(({ metadata }) => !metadata.name.startsWith('istiod-revision-tag'))
        .map(({ metadata }) => `Service ${metadata.name}`),
      ...(await list('mutatingwebhookconfigurations'))
        .filter(({ metadata }) => metadata.name.startsWith('istio-sidecar-injector'))
        .map(({ metadata }) => `webhook ${metadata.name}`),
    ],
    snapshot: async (namespace) => {
      const objects = await list(
        'deployments,replicasets,pods,services,configmaps,endpoints',
        '--namespace',
        namespace,
      );
      // The root certificate's ConfigMap is istiod's, and its writer changes with the leader.
      const stable = objects.filter(({ metadata }) => metadata.name !== 'istio-ca-root-cert');
      const self = await list('namespaces', `--field-selector=metadata.name=${namespace}`);
      return JSON.stringify([...self, ...stable], null, 1);
    },
    close: async () => {
      reach?.close();
      await lab.stop();
    },
  };
}

/** Times fit for a scrape every two seconds. */
function labConfig(lab: Lab): string {
  return `mesh: { tag: default }
target: { version: 1.31.0, istioctl: "${lab.binaries.istioctl('1.31.0')}" }
gateways: [istio-ingress/istio-ingressgateway]
waves:
  - { name: canary, namespaces: [bar] }
  - { name: rest, namespaces: "*" }
gate:
  prometheus: kubernetes://monitoring/prometheus:9090
  interval: 2s
  settle: 4s
  bake: 12s
  watch: 10s
  errorRatio: 1%
soak: 5s
pace: { workloadsAtOnce: 2, rolloutTimeout: 2m }
`;
}

async function runVerb(
  lab: Lab,
  configFile: string,
  verb: string,
  tell: (text: string) => void,
  { killAt, killAfterMs, through }: RunOptions,
): Promise<Ran> {
  const reportFile = join(lab.stateDir, 'report.json');
  rmSync(reportFile, { force: true });
  const writesReport = verb === 'upgrade' || verb === 'rollback' || verb === 'finalize';
  const goal = through === undefined ? [] : ['--through', through];
  const args = [main, verb, '--config', configFile, ...goal, ...(writesReport ? ['--report', reportFile] : [])];
  const run = lab.exec(process.execPath, args, { reject: false, all: true, timeout: verbTimeoutMs, buffer: false });
  let log = '';
  let killed = false;
  let timer: NodeJS.Timeout | undefined;
  const kill = () => {
    killed = run.kill('SIGKILL') || killed;
  };
  for await (const chunk of run.iterable({ from: 'all', binary: true })) {
    const text = Buffer.from(chunk as Uint8Array).toString();
    log += text;
    tell(text);
    if (killAt !== undefined && log.includes(killAt)) kill();
    if (killAfterMs !== undefined && workBegan.test(log)) timer ??= setTimeout(kill, killAfterMs);
  }
  clearTimeout(timer);
  const { exitCode } = await run;
  const report = killed || !writesReport ? undefined : readReport(reportFile);
  return { exitCode: killed ? null : (exitCode ?? null), log, report };
}

/** A verb that refused its input has no report. */
function readReport(file: string): RunReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunReport;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure;
  }
}
