/**
 * The first process of a lab's namespaces. Starts and holds everything else; when it ends, in whatever way, the kernel
 * ends the rest. Started by `lab.ts` with its settings, as JSON, in the first argument.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { openBridge } from './bridge.ts';
import { startControlPlane } from './control-plane.ts';
import { route, serveControl } from './control-server.ts';
import { DataPlane } from './data-plane.ts';
import { createExporter, istiodTargets, PROXY_METRICS_PORT, proxyTargets } from './exporter.ts';
import { errorFault, nackFault, slowFault, trafficSettings } from './faults.ts';
import { labSize } from './lab-size.ts';
import { type LoggedProcess, type ProcessStart, startLogged } from './logged-process.ts';
import { kubernetesRelease } from './modules.ts';
import { ADDRESSES, layNetwork } from './network.ts';
import { labFiles } from './places.ts';
import { followPods } from './pod-follower.ts';
import { ProcessKubelet } from './process-kubelet.ts';
import { startPrometheus } from './prometheus.ts';

const settings = z.object({
  stateDir: z.string(),
  binaries: z.string(),
  /** A minor. */
  kubernetes: z.string(),
  /** Attached: ends when standard input does, which is when its starter ends. */
  attached: z.boolean(),
  /** The state folder goes with the lab, also when its starter was killed. */
  ephemeral: z.boolean(),
  size: labSize,
});
const { stateDir, binaries, kubernetes, attached, ephemeral, size } = settings.parse(JSON.parse(process.argv[2] ?? ''));

const STOP_DEADLINE_MS = 15_000;
const GRACE_MS = 2_000;

const files = labFiles(stateDir);
const over = new AbortController();
const processes: LoggedProcess[] = [];
const lost: string[] = [];
const dataPlane = new DataPlane();
let kubelet: ProcessKubelet | undefined;
let phase: 'starting' | 'ready' | 'stopping' = 'starting';

const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`);

function start(process: Omit<ProcessStart, 'logs'>): LoggedProcess {
  const started = startLogged({ logs: files.logs, ...process });
  processes.push(started);
  void started.ended.then((sentence) => {
    if (phase === 'stopping') return;
    log(sentence);
    lost.push(sentence);
  });
  return started;
}

function expectKubelet(): ProcessKubelet {
  if (!kubelet) throw new Error('the kubelet does not run yet');
  return kubelet;
}

const routes = {
  'GET /status': {
    run: () => ({
      phase,
      lost,
      istiods: kubelet?.running() ?? [],
      proxies: { total: dataPlane.proxies().length, connected: dataPlane.connectedCount() },
      faults: dataPlane.faults.toJSON(),
    }),
  },
  'GET /targets/proxies': { run: () => proxyTargets(dataPlane) },
  'GET /targets/istiods': { run: () => istiodTargets(dataPlane) },
  'PUT /faults': route(errorFault, (fault) => dataPlane.faults.setErrors(fault)),
  'PUT /durations': route(slowFault, (fault) => dataPlane.faults.setSlow(fault)),
  'PUT /nack': route(nackFault, (fault) => dataPlane.setNack(fault)),
  'PUT /traffic': route(trafficSettings, (traffic) => dataPlane.faults.setTraffic(traffic)),
  'PUT /kubelet': route(z.strictObject({ frozen: z.boolean() }), ({ frozen }) => expectKubelet().freeze(frozen)),
  'PUT /istiods': route(
    z.strictObject({ revision: z.string(), signal: z.enum(['SIGSTOP', 'SIGCONT', 'SIGKILL']) }),
    ({ revision, signal }) => expectKubelet().signal(revision, signal),
  ),
  'PUT /processes': route(z.strictObject({ name: z.string(), frozen: z.boolean() }), ({ name, frozen }) => {
    const found = processes.find((started) => started.name === name);
    if (!found) throw new Error(`no process ${name}, only ${processes.map((started) => started.name).join(', ')}`);
    found.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }),
  'POST /stop': { run: () => void setImmediate(() => void stop('asked to')) },
};

/** Ends everything in reverse order. Past the deadline this process ends, and with it the rest. */
async function stop(why: string, exitCode = 0): Promise<void> {
  if (phase === 'stopping') return;
  phase = 'stopping';
  log(`stopping: ${why}`);
  setTimeout(() => leave(exitCode), STOP_DEADLINE_MS);
  over.abort();
  await kubelet?.stop();
  for (const started of processes.toReversed()) await started.stop(GRACE_MS);
  leave(exitCode);
}

function leave(exitCode: number): never {
  // After a failure the logs are needed; the next start sweeps them away.
  if (ephemeral && exitCode === 0) rmSync(stateDir, { recursive: true, force: true });
  process.exit(exitCode);
}

async function run(): Promise<void> {
  mkdirSync(files.logs, { recursive: true });
  await layNetwork();
  await serveControl(routes, [toListen(ADDRESSES.control), { path: files.controlSocket }]);
  // Prometheus needs only its discovery, which is served already.
  const options = { stateDir, binaries, kubernetes: kubernetesRelease(kubernetes), start, size };
  const [api] = await Promise.all([startControlPlane(options), startPrometheus(options)]);
  log('nodes are ready');
  const follower = followPods(api, log, over.signal);
  kubelet = new ProcessKubelet({
    api,
    kubeconfig: files.kubeconfig,
    logs: files.logs,
    workFolder: join(stateDir, 'istiods'),
    binary: (version) => {
      const path = join(binaries, `istio-${version}`, 'pilot-discovery');
      return existsSync(path) ? path : undefined;
    },
    log,
  });
  kubelet.follow(follower);
  dataPlane.follow(follower, over.signal);
  createExporter((ip) => dataPlane.metricsAt(ip)).listen(PROXY_METRICS_PORT, '0.0.0.0');
  await openBridge({ path: files.apiSocket }, toListen(ADDRESSES.api));
  await openBridge({ path: files.prometheusSocket }, toListen(ADDRESSES.prometheus));
  if (phase === 'starting') phase = 'ready';
  log(phase);
}

function toListen(address: string): { host: string; port: number } {
  const [host = '', port] = address.split(':');
  return { host, port: Number(port) };
}

process.on('SIGTERM', () => void stop('SIGTERM'));
process.on('SIGINT', () => void stop('SIGINT'));
if (attached) process.stdin.resume().on('end', () => void stop('the starter is gone'));
run().catch((error: unknown) => {
  console.error(error);
  void stop('the start failed', 1);
});
