import { ApiAnswer } from './api-client.ts';
import { type IstiodHost, IstiodProcess } from './istiod-process.ts';
import { ADDRESSES } from './network.ts';
import { isIstiod, type Pod } from './pod.ts';
import type { PodFollower } from './pod-follower.ts';

/** Runs a real `pilot-discovery` for every scheduled pod of istiod; the other pods are kwok's. */
export class ProcessKubelet {
  readonly #host: IstiodHost;
  readonly #running = new Map<string, IstiodProcess>();
  readonly #leaving = new Set<string>();
  #pods: readonly Pod[] = [];
  #frozen = false;

  constructor(host: Omit<IstiodHost, 'isFrozen'>) {
    this.#host = { ...host, isFrozen: () => this.#frozen };
  }

  follow(follower: PodFollower): void {
    follower.onChange((pods) => {
      this.#pods = pods.filter(isIstiod);
      this.#reconcile();
    });
  }

  /** A frozen kubelet starts nothing, stops nothing and reports nothing: new pods never become ready. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    this.#reconcile();
  }

  /** @returns the names of the pods whose process got the signal */
  signal(revision: string, signal: NodeJS.Signals): string[] {
    const hit = [...this.#running.values()].filter(({ pod }) => pod.metadata.labels?.['istio.io/rev'] === revision);
    for (const istiod of hit) istiod.kill(signal);
    return hit.map(({ pod }) => pod.metadata.name);
  }

  running(): string[] {
    return [...this.#running.values()].map(({ pod }) => pod.metadata.name);
  }

  async stop(): Promise<void> {
    this.#frozen = true;
    await Promise.all([...this.#running.values()].map((istiod) => istiod.stop()));
  }

  #reconcile(): void {
    if (this.#frozen) return;
    const present = new Set(this.#pods.map(({ metadata }) => metadata.uid));
    for (const pod of this.#pods) {
      const { uid, deletionTimestamp } = pod.metadata;
      if (deletionTimestamp !== undefined) void this.#leave(uid, pod);
      else if (pod.spec.nodeName !== undefined && !this.#running.has(uid)) this.#enter(uid, pod);
    }
    for (const uid of this.#running.keys()) if (!present.has(uid)) void this.#leave(uid, undefined);
  }

  #enter(uid: string, pod: Pod): void {
    const istiod = new IstiodProcess(pod, this.#freeAddress(), this.#host);
    this.#running.set(uid, istiod);
    istiod.run().catch((error) => this.#host.log(`${pod.metadata.name}: ${String(error)}`));
  }

  async #leave(uid: string, pod: Pod | undefined): Promise<void> {
    if (this.#leaving.has(uid)) return;
    this.#leaving.add(uid);
    try {
      await this.#running.get(uid)?.stop();
      if (pod) await this.#confirmGone(pod);
    } catch (error) {
      this.#host.log(`removal of ${uid}: ${String(error)}`);
    } finally {
      this.#running.delete(uid);
      this.#leaving.delete(uid);
    }
  }

  async #confirmGone({ metadata: { namespace, name, uid } }: Pod): Promise<void> {
    const paths = [
      `/apis/kwok.x-k8s.io/v1alpha1/namespaces/${namespace}/portforwards/${name}`,
      `/api/v1/namespaces/${namespace}/pods/${name}`,
    ];
    for (const path of paths) {
      const body = path.startsWith('/api/') ? { gracePeriodSeconds: 0, preconditions: { uid } } : undefined;
      try {
        await this.#host.api.delete(path, body);
      } catch (error) {
        // 409: the name belongs to another pod by now.
        if (!(error instanceof ApiAnswer && (error.status === 404 || error.status === 409))) throw error;
      }
    }
  }

  #freeAddress(): string {
    const taken = new Set([...this.#running.values()].map(({ ip }) => ip));
    for (let host = 2; host < 255; host += 1) {
      const ip = `${ADDRESSES.istiodPrefix}${host}`;
      if (!taken.has(ip)) return ip;
    }
    throw new Error('more than 253 pods of istiod');
  }
}
