import { setTimeout as sleep } from 'node:timers/promises';
import { type AdsStream, openAdsStream } from './ads-stream.ts';
import { Faults, type NackFault } from './faults.ts';
import { type MeshProxy, nodeOf, proxyOf } from './mesh-proxy.ts';
import { isIstiod, isReady, type Pod } from './pod.ts';
import type { PodFollower } from './pod-follower.ts';
import { ProxyMetrics } from './proxy-metrics.ts';
import { Traffic } from './traffic.ts';

const RECONNECT_AFTER_MS = 500;
const TICK_MS = 500;

interface Played {
  proxy: MeshProxy;
  metrics: ProxyMetrics;
  over: AbortController;
  stream: AdsStream | undefined;
}

/** Plays every injected pod: its stream to istiod, its traffic and its metrics. */
export class DataPlane {
  readonly faults = new Faults();
  readonly #played = new Map<string, Played>();
  readonly #byAddress = new Map<string, Played>();
  readonly #traffic = new Traffic(this.faults, (report) => this.#played.get(report.by.uid)?.metrics.count(report));
  #istiods: readonly Pod[] = [];

  follow(follower: PodFollower, signal: AbortSignal): void {
    follower.onChange((pods) => this.#reconcile(pods));
    let last = performance.now();
    const ticker = setInterval(() => {
      const now = performance.now();
      this.#traffic.flow(this.proxies(), now - last);
      last = now;
    }, TICK_MS);
    signal.addEventListener('abort', () => {
      clearInterval(ticker);
      for (const uid of [...this.#played.keys()]) this.#end(uid);
    });
  }

  proxies(): MeshProxy[] {
    return [...this.#played.values()].map(({ proxy }) => proxy);
  }

  connectedCount(): number {
    return [...this.#played.values()].filter(({ stream }) => stream).length;
  }

  /** Ready pods of istiod. */
  istiods(): readonly Pod[] {
    return this.#istiods;
  }

  metricsAt(ip: string): ProxyMetrics | undefined {
    return this.#byAddress.get(ip)?.metrics;
  }

  /** Takes effect at once: the proxies of the revision connect again, and their first push is answered anew. */
  setNack(fault: NackFault): void {
    this.faults.setNack(fault);
    for (const { proxy, stream } of this.#played.values()) if (proxy.revision === fault.revision) stream?.close();
  }

  #reconcile(pods: readonly Pod[]): void {
    this.#istiods = pods.filter((pod) => isIstiod(pod) && isReady(pod) && pod.status?.podIP);
    const wanted = new Map(pods.flatMap((pod) => proxyOf(pod) ?? []).map((proxy) => [proxy.uid, proxy]));
    for (const uid of [...this.#played.keys()]) if (!wanted.has(uid)) this.#end(uid);
    for (const [uid, proxy] of wanted) {
      const played = this.#played.get(uid);
      if (played) played.proxy = proxy;
      else this.#begin(proxy);
    }
  }

  #begin(proxy: MeshProxy): void {
    const played: Played = {
      proxy,
      metrics: new ProxyMetrics(proxy),
      over: new AbortController(),
      stream: undefined,
    };
    this.#played.set(proxy.uid, played);
    this.#byAddress.set(proxy.ip, played);
    void this.#keepConnected(played);
  }

  #end(uid: string): void {
    const played = this.#played.get(uid);
    if (played === undefined) return;
    this.#played.delete(uid);
    // The address may belong to a later pod already.
    if (this.#byAddress.get(played.proxy.ip) === played) this.#byAddress.delete(played.proxy.ip);
    played.over.abort();
    played.stream?.close();
  }

  async #keepConnected(played: Played): Promise<void> {
    const { revision } = played.proxy;
    while (!played.over.signal.aborted) {
      const address = this.#addressOf(revision);
      if (address !== undefined) {
        played.stream = openAdsStream(address, nodeOf(played.proxy), () => this.faults.rejects(revision));
        await played.stream.ended;
        played.stream = undefined;
      }
      // A proxy whose istiod is away goes on with what it has, and tries again.
      await sleep(RECONNECT_AFTER_MS);
    }
  }

  #addressOf(revision: string): string | undefined {
    const [istiod] = this.#istiods.filter(({ metadata }) => metadata.labels?.['istio.io/rev'] === revision);
    return istiod?.status?.podIP && `${istiod.status.podIP}:15010`;
  }
}
