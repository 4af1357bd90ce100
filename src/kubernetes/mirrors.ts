import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { matchesLabels } from '../model/matches-labels.ts';
import type { Followed, Kind, ListOptions, Target } from '../ports/kubernetes.ts';
import type { ApiClient } from './api-client.ts';
import { Mirror } from './mirror.ts';
import { matchesFields } from './selector-match.ts';

/** Up to this many objects a change is reported at once; with more, changes are reported together, once in the time that one snapshot takes. */
const fewObjects = 500;
const objectsPerMs = 100;
const gatherMsMax = 500;

/** All watched lists of a cluster: a request for a list is served from one that contains it. */
export class Mirrors {
  readonly #client: ApiClient;
  readonly #mirrors = new Map<string, { mirror: Mirror; started: Promise<void> }>();
  #changes = 0;
  #changesSeen = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  readonly #waiting = new Set<() => void>();

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** @throws the failure of a first list; that list is then not watched */
  async follow(lists: readonly Followed[]): Promise<void> {
    const results = await Promise.allSettled(lists.map((followed) => this.#start(followed)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** @throws the failure of any of the lists */
  async refresh(): Promise<void> {
    await Promise.all([...this.#mirrors.values()].map(({ mirror }) => mirror.refresh()));
  }

  /** `undefined` when no watched list contains this one. */
  async list(
    kind: Kind,
    options: ListOptions,
    metadataOnly: boolean,
  ): Promise<readonly KubernetesObject[] | undefined> {
    for (const { mirror, started } of this.#mirrors.values()) {
      const rest = whatRemains(mirror.followed, kind, options, metadataOnly);
      if (rest === undefined) continue;
      await started;
      const items = await mirror.items();
      return rest.length === 0 ? items : items.filter((object) => rest.every((picks) => picks(object)));
    }
    return undefined;
  }

  written(kind: Kind, object: KubernetesObject): void {
    for (const mirror of this.#of(kind)) mirror.written(object);
  }

  deleted(kind: Kind, target: Target, uid: string | undefined): void {
    for (const mirror of this.#of(kind)) mirror.deleted(target, uid);
  }

  /**
   * Resolves when something changed since the last call, at once or a moment later: thousands of pods that get ready one after
   * the other must not cause thousands of snapshots.
   */
  async changed(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#client;
    signal.throwIfAborted();
    if (this.#changes === this.#changesSeen) await this.#nextChange(timeoutMs, signal);
    const size = this.#size;
    const gatherMs = size < fewObjects ? 0 : Math.min(size / objectsPerMs, gatherMsMax, timeoutMs);
    const leftMs = this.#toldAt + gatherMs - clock.now();
    if (leftMs > 0) await clock.sleep(leftMs, signal);
    this.#changesSeen = this.#changes;
    this.#toldAt = clock.now();
  }

  get #size(): number {
    return [...this.#mirrors.values()].reduce((sum, { mirror }) => sum + mirror.size, 0);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#mirrors.values()].map(({ mirror }) => mirror.close()));
  }

  async #start(followed: Followed): Promise<void> {
    const key = JSON.stringify([
      idOf(followed.kind),
      followed.namespace,
      followed.labelSelector,
      followed.fieldSelector,
      followed.metadataOnly ?? false,
    ]);
    const known = this.#mirrors.get(key);
    if (known) return known.started;
    const mirror = new Mirror(this.#client, followed, () => this.#announce());
    const started = mirror.start();
    this.#mirrors.set(key, { mirror, started });
    try {
      await started;
    } catch (error) {
      this.#mirrors.delete(key);
      throw error;
    }
  }

  async #nextChange(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const timer = new AbortController();
    const stop = () => timer.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const change = Promise.withResolvers<void>();
    this.#waiting.add(change.resolve);
    try {
      await Promise.race([change.promise, this.#client.clock.sleep(timeoutMs, timer.signal).catch(() => undefined)]);
      signal.throwIfAborted();
    } finally {
      this.#waiting.delete(change.resolve);
      signal.removeEventListener('abort', stop);
      timer.abort();
    }
  }

  #announce(): void {
    this.#changes++;
    for (const wake of this.#waiting) wake();
  }

  #of(kind: Kind): Mirror[] {
    const id = idOf(kind);
    return [...this.#mirrors.values()].map(({ mirror }) => mirror).filter(({ followed }) => idOf(followed.kind) === id);
  }
}

const idOf = ({ apiVersion, plural }: Kind) => `${apiVersion}/${plural}`;

type Picks = (object: KubernetesObject) => boolean;

/** The filter that remains when this mirror serves that list; `undefined` when the mirror does not contain all of it. */
function whatRemains(followed: Followed, kind: Kind, asked: ListOptions, metadataOnly: boolean): Picks[] | undefined {
  const { namespace, labelSelector, fieldSelector } = asked;
  if (idOf(followed.kind) !== idOf(kind) || ((followed.metadataOnly ?? false) && !metadataOnly)) return undefined;
  const rest: Picks[] = [];
  if (followed.namespace !== namespace) {
    if (followed.namespace !== undefined) return undefined;
    rest.push(({ metadata }) => metadata.namespace === namespace);
  }
  if (followed.labelSelector !== labelSelector) {
    if (followed.labelSelector !== undefined || labelSelector === undefined || followed.shape) return undefined;
    rest.push(({ metadata }) => matchesLabels(labelSelector, metadata.labels ?? {}));
  }
  if (followed.fieldSelector !== fieldSelector) {
    if (followed.fieldSelector !== undefined || fieldSelector === undefined || followed.metadataOnly || followed.shape)
      return undefined;
    rest.push((object) => matchesFields(fieldSelector, object));
  }
  return rest;
}
