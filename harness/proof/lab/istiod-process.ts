import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiAnswer, type ApiClient } from './api-client.ts';
import { discovery, type IstiodState, istiodArgs, istiodEnv, istiodStatus, portForwardTo } from './istiod-pod.ts';
import { type LoggedProcess, startLogged } from './logged-process.ts';
import { imageTag, type Pod } from './pod.ts';

export interface IstiodHost {
  api: ApiClient;
  kubeconfig: string;
  logs: string;
  workFolder: string;
  /** Path of `pilot-discovery` of that version, undefined if there is none: an image that cannot be pulled. */
  binary(version: string): string | undefined;
  /** While true nothing is written about any pod. */
  isFrozen(): boolean;
  log(line: string): void;
}

const PROBE_EVERY_MS = 200;
const RESTART_AFTER_MS = 1_000;
const GRACE_MS = 3_000;
/** All proxies of a lab connect at once. At its default for a small machine istiod turns most proxies of a big mesh away. */
const CONNECTIONS = { PILOT_MAX_REQUESTS_PER_SECOND: '1000' };

/** What a kubelet does for one pod of istiod, with a process instead of a container. */
export class IstiodProcess {
  readonly pod: Pod;
  readonly ip: string;
  readonly #host: IstiodHost;
  readonly #startTime = new Date().toISOString();
  readonly #over = new AbortController();
  #process: LoggedProcess | undefined;
  #restarts = 0;
  #written = '';

  constructor(pod: Pod, ip: string, host: IstiodHost) {
    this.pod = pod;
    this.ip = ip;
    this.#host = host;
  }

  /** Keeps the process running until `stop`. */
  async run(): Promise<void> {
    const { image } = discovery(this.pod);
    const binary = this.#host.binary(imageTag(image));
    while (!this.#over.signal.aborted) {
      if (binary) await this.#runOnce(binary);
      else await this.#write({ is: 'waiting', reason: 'ErrImagePull', message: `failed to pull ${image}: not found` });
      await sleep(RESTART_AFTER_MS, undefined, { signal: this.#over.signal }).catch(() => undefined);
    }
  }

  /** @param signal SIGSTOP freezes, SIGCONT thaws, SIGKILL lets the kubelet start it again */
  kill(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#process?.stop(GRACE_MS);
  }

  async #runOnce(binary: string): Promise<void> {
    const { name } = this.pod.metadata;
    const cwd = `${this.#host.workFolder}/${name}`;
    mkdirSync(cwd, { recursive: true });
    const process = startLogged({
      name,
      file: binary,
      args: istiodArgs(this.pod, this.ip, this.#host.kubeconfig),
      logs: this.#host.logs,
      cwd,
      env: { ...CONNECTIONS, ...istiodEnv(this.pod, this.ip), HOME: cwd },
    });
    this.#process = process;
    const since = new Date().toISOString();
    while (process.ending() === undefined && !this.#over.signal.aborted) {
      await this.#write({ is: 'running', since, ready: await this.#answersReady() });
      await Promise.race([process.ended, sleep(PROBE_EVERY_MS)]);
    }
    if (this.#over.signal.aborted) return;
    this.#restarts += 1;
    const message = await process.ended;
    this.#host.log(message);
    await this.#write({ is: 'waiting', reason: 'CrashLoopBackOff', message });
  }

  async #answersReady(): Promise<boolean> {
    try {
      const { ok, body } = await fetch(`http://${this.ip}:8080/ready`, { signal: AbortSignal.timeout(5_000) });
      await body?.cancel();
      return ok;
    } catch {
      // Not listening yet, or hanging: a readiness probe that fails.
      return false;
    }
  }

  /** Writes the status when it differs from what was written last; a failed write is repeated by the next probe. */
  async #write(state: IstiodState): Promise<void> {
    const fingerprint = JSON.stringify([state, this.#restarts]);
    if (fingerprint === this.#written || this.#host.isFrozen()) return;
    const { name, namespace } = this.pod.metadata;
    const status = istiodStatus(this.pod, this.ip, this.#startTime, this.#restarts, state);
    const forward = `/apis/kwok.x-k8s.io/v1alpha1/namespaces/${namespace}/portforwards/${name}`;
    try {
      // Before the status: who sees the pod ready may ask for the port-forward at once.
      await this.#host.api.patch(`${forward}?fieldManager=lab&force=true`, 'apply', portForwardTo(this.pod, this.ip));
      await this.#host.api.patch(`/api/v1/namespaces/${namespace}/pods/${name}/status`, 'strategic', { status });
      this.#written = fingerprint;
    } catch (error) {
      if (error instanceof ApiAnswer && error.status === 404) return;
      this.#host.log(`status of ${name}: ${String(error)}`);
    }
  }
}
