import { Pods } from '../../../../src/ports/kinds.ts';
import type { Pod } from '../../../../src/ports/objects.ts';
import type { Store } from '../api-server/store.ts';
import { isReady } from '../controllers/pods.ts';
import { workloadOf } from '../istio/inject.ts';
import { IstioNamespace, RevisionLabel } from '../istio/names.ts';
import { fnv32a } from '../random.ts';
import type { VirtualClock } from '../virtual-clock.ts';

/** Something Prometheus scrapes, from when it was ready until it was gone; virtual milliseconds. */
export interface Life {
  readonly role: 'proxy' | 'istiod';
  readonly pod: string;
  readonly namespace: string;
  readonly workload: string;
  readonly revision: string;
  readonly version: string;
  readonly ip: string;
  readonly isGateway: boolean;
  readonly from: number;
  until: number | undefined;
  /** Where in the scrape interval this target's turn is, in [0, 1). */
  readonly turn: number;
}

const PruneEvery = 1000;

/** Remembers every proxy and every istiod that ran, so that questions about the past have answers. */
export class Lives {
  readonly #clock: VirtualClock;
  readonly #retentionMs: number;
  readonly #alive = new Map<string, Life>();
  #ended: Life[] = [];
  #changes = 0;

  /** @param retentionMs how far back a query may look: what ended earlier is forgotten */
  constructor(store: Store, clock: VirtualClock, { retentionMs }: { retentionMs: number }) {
    this.#clock = clock;
    this.#retentionMs = retentionMs;
    for (const pod of store.list<Pod>(Pods)) this.#see(pod);
    store.onChange(({ kind, object, type }) => {
      if (kind.plural !== Pods.plural) return;
      if (type === 'DELETED') this.#end(object as Pod);
      else this.#see(object as Pod);
    });
  }

  /** Virtual milliseconds: nothing has been scraped after this moment. */
  now(): number {
    return this.#clock.now();
  }

  /** How often something began or ended. */
  get changes(): number {
    return this.#changes;
  }

  /** Everything that ran at some time in the window. */
  between(fromMs: number, toMs: number): Life[] {
    return [...this.#ended, ...this.#alive.values()].filter(
      ({ from, until }) => from <= toMs && (until === undefined || until >= fromMs),
    );
  }

  #see(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (this.#alive.has(uid) || !isReady(pod)) return;
    const life = lifeOf(pod, this.#clock.now());
    if (!life) return;
    this.#alive.set(uid, life);
    this.#changes += 1;
  }

  #end(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const life = this.#alive.get(uid);
    if (!life) return;
    this.#alive.delete(uid);
    life.until = this.#clock.now();
    this.#ended.push(life);
    this.#changes += 1;
    if (this.#ended.length % PruneEvery !== 0) return;
    const limit = this.#clock.now() - this.#retentionMs;
    this.#ended = this.#ended.filter(({ until = Number.POSITIVE_INFINITY }) => until >= limit);
  }
}

function lifeOf(pod: Pod, now: number): Life | undefined {
  const { name, namespace = '', labels = {}, annotations = {} } = pod.metadata;
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const proxy = containers.find((container) => container.name === 'istio-proxy');
  const isIstiod = labels['app'] === 'istiod' && namespace === IstioNamespace;
  if (!proxy && !isIstiod) return undefined;
  const revision = isIstiod ? labels[RevisionLabel] : annotations[RevisionLabel];
  const image = isIstiod ? pod.spec.containers[0]?.image : proxy?.image;
  return {
    role: isIstiod ? 'istiod' : 'proxy',
    pod: name,
    namespace,
    workload: workloadOf(pod),
    revision: revision ?? '',
    version: image?.split(':').at(-1) ?? '',
    ip: pod.status?.podIP ?? '',
    isGateway: labels['istio'] === 'ingressgateway' || labels['gateway.networking.k8s.io/gateway-name'] !== undefined,
    from: now,
    until: undefined,
    turn: (fnv32a(name) % 1000) / 1000,
  };
}
