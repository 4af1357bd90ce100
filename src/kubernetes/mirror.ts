import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { matchesLabels } from '../model/matches-labels.ts';
import { DeadlineExceeded } from '../network/network-failure.ts';
import type { Followed, Kind, Target } from '../ports/kubernetes.ts';
import type { ApiClient } from './api-client.ts';
import { acceptFor, complete, listPages } from './list-pages.ts';
import { isNewer, ObjectStore } from './object-store.ts';
import { listPath } from './resource-path.ts';
import { backOff } from './retry.ts';
import { matchesFields } from './selector-match.ts';
import { StatusError } from './status-error.ts';
import { readWatch, WatchBroken } from './watch-stream.ts';

/** Within some fifteen seconds a cache that lags has caught up. */
const lagAttemptsMax = 8;

/** One watched list: listed once, then kept up to date by a watch, which is resumed until the mirror is closed. */
export class Mirror {
  readonly followed: Followed;
  readonly #client: ApiClient;
  readonly #store = new ObjectStore();
  readonly #changed: () => void;
  readonly #closing = new AbortController();
  #connected = false;
  #lastContact = 0;
  #mustRelist = false;
  #refreshing: Promise<void> | undefined;
  #running: Promise<void> | undefined;

  /** @param changed called after the objects in this mirror have changed */
  constructor(client: ApiClient, followed: Followed, changed: () => void) {
    this.#client = client;
    this.followed = followed;
    this.#changed = changed;
  }

  /** @throws what the first list throws; then no watch is started */
  async start(): Promise<void> {
    const { items, resourceVersion } = await this.#list();
    this.#store.reset(items, resourceVersion);
    this.#touch();
    if (!this.#closing.signal.aborted) this.#running = this.#keep();
  }

  /**
   * What the cluster holds, at most `staleMs` old.
   * @throws the failure of a new list, when the watch has been down for longer
   */
  async items(): Promise<readonly KubernetesObject[]> {
    const silentMs = this.#client.clock.now() - this.#lastContact;
    if (!this.#connected && silentMs > this.#client.limits.staleMs) await this.refresh();
    return this.#store.items();
  }

  /** The number of objects in this mirror. */
  get size(): number {
    return this.#store.size;
  }

  /** Shows our own write at once, before the watch reports it. */
  written(object: KubernetesObject): void {
    const { metadataOnly, kind } = this.followed;
    if (!this.#isInScope(object.metadata.namespace)) return;
    const shaped = this.#shaped(complete(kind, object, metadataOnly ?? false));
    if (this.#selects(object) ? this.#store.written(shaped) : this.#store.left(object)) this.#changed();
  }

  deleted(target: Target, uid: string | undefined): void {
    if (this.#isInScope(target.namespace) && this.#store.deleted(target, uid)) this.#changed();
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the mirror was closed'));
    await this.#running;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; ) {
      const startedAt = this.#client.clock.now();
      const contactBefore = this.#lastContact;
      let failed = false;
      try {
        await this.#follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        failed = true;
        this.#mustRelist ||= !canResume(error);
      } finally {
        this.#connected = false;
      }
      // A server that ends every watch at once must not be asked in a tight loop.
      const short = this.#client.clock.now() - startedAt < 1_000;
      const progressed = this.#lastContact > contactBefore && !short;
      failures = failed || short ? (progressed ? 1 : failures + 1) : 0;
      if (failures > 0 && !(await this.#pause(backOff(failures, this.#client.random)))) return;
    }
  }

  /** One watch, from the current resource version until it ends for any reason. */
  async #follow(signal: AbortSignal): Promise<void> {
    if (this.#mustRelist) await this.refresh();
    else await this.#refreshing;
    const watch = new AbortController();
    const stop = () => watch.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      const { metadataOnly = false } = this.followed;
      const response = await this.#client.open(this.#watchPath(), acceptFor(metadataOnly, ''), watch.signal);
      this.#touch();
      this.#connected = true;
      void this.#giveUpWhenSilent(watch);
      for await (const events of readWatch(this.#touching(response.chunks()))) this.#apply(events);
    } finally {
      signal.removeEventListener('abort', stop);
      watch.abort(new Error('this watch is over'));
    }
  }

  #apply(events: Awaited<ReturnType<ReturnType<typeof readWatch>['next']>>['value']): void {
    const { kind, metadataOnly = false } = this.followed;
    let changed = false;
    for (const event of events ?? []) {
      if (event.type === 'BOOKMARK') {
        this.#store.bookmark(event.resourceVersion);
        continue;
      }
      const object = this.#shaped(complete(kind, event.object, metadataOnly));
      changed = this.#store.apply({ type: event.type, object }) || changed;
    }
    if (changed) this.#changed();
  }

  /** A connection that broke silently looks like one without events; bookmarks distinguish them. */
  async #giveUpWhenSilent(watch: AbortController): Promise<void> {
    const { clock, limits } = this.#client;
    try {
      for (;;) {
        const silentMs = clock.now() - this.#lastContact;
        if (silentMs >= limits.watchIdleMs) return watch.abort(new DeadlineExceeded(limits.watchIdleMs));
        await clock.sleep(limits.watchIdleMs - silentMs, watch.signal);
      }
    } catch (error) {
      if (!watch.signal.aborted) watch.abort(error);
    }
  }

  async *#touching(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#touch();
      yield chunk;
    }
  }

  /** One new list at a time, shared by the loop, by readers that found the mirror stale and by callers that ask for a fresh list. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#relist().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #relist(): Promise<void> {
    const { items, resourceVersion } = await this.#listNotOlder();
    this.#mustRelist = false;
    this.#touch();
    if (this.#store.reset(items, resourceVersion)) this.#changed();
  }

  /** A server whose cache lags returns an old list, and is asked again. One that was restored from a backup always does, and after some time its list is accepted. */
  async #listNotOlder() {
    for (let attempt = 1; ; attempt++) {
      const listed = await this.#list();
      if (!isNewer(this.#store.seenUpTo, listed.resourceVersion) || attempt === lagAttemptsMax) return listed;
      if (!(await this.#pause(backOff(attempt, this.#client.random)))) return listed;
    }
  }

  #list() {
    const shape = (object: KubernetesObject) => this.#shaped(object);
    return listPages(this.#client, this.followed.kind, { ...this.followed, shape });
  }

  #shaped(object: KubernetesObject): KubernetesObject {
    const { kind, metadataOnly = false, shape = (whole) => whole } = this.followed;
    return shape(slim(kind, object, metadataOnly));
  }

  #watchPath(): string {
    const { watchSeconds } = this.#client.limits;
    // Spread over time, so that many watches that began together do not end together.
    const timeoutSeconds = Math.round(watchSeconds * (0.9 + 0.1 * this.#client.random()));
    return listPath(this.followed.kind, this.followed, {
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#store.seenUpTo,
      timeoutSeconds: String(timeoutSeconds),
    });
  }

  /** @returns false when closed meanwhile */
  async #pause(ms: number): Promise<boolean> {
    try {
      await this.#client.clock.sleep(ms, this.#closing.signal);
      return true;
    } catch (error) {
      if (this.#closing.signal.aborted) return false;
      throw error;
    }
  }

  #isInScope(namespace: string | undefined): boolean {
    return this.followed.namespace === undefined || this.followed.namespace === namespace;
  }

  #selects(object: KubernetesObject): boolean {
    const { labelSelector, fieldSelector } = this.followed;
    return (
      (labelSelector === undefined || matchesLabels(labelSelector, object.metadata.labels ?? {})) &&
      (fieldSelector === undefined || matchesFields(fieldSelector, object))
    );
  }

  #touch(): void {
    this.#lastContact = this.#client.clock.now();
  }
}

/** Whether a watch can resume from its last resource version after this failure; an unknown failure needs a new list. */
function canResume(error: unknown): boolean {
  if (error instanceof WatchBroken) return false;
  if (error instanceof StatusError) return error.code !== 410;
  return true;
}

/** Kinds for which a run may have to name the writer that changed them: the objects of a tag, whose marks of an owner may be copied, too. */
const ownersOfFields: ReadonlySet<string> = new Set([
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'Service',
  'Namespace',
]);
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Drops field ownership, the biggest part, which the program does not read of other kinds; from metadata alone also kubectl's copy of the object. */
function slim({ kind }: Kind, object: KubernetesObject, metadataOnly: boolean): KubernetesObject {
  const { managedFields, ...rest } = object.metadata;
  const metadata = ownersOfFields.has(kind) && managedFields ? { ...rest, managedFields } : rest;
  if (!metadataOnly || metadata.annotations?.[lastApplied] === undefined) return { ...object, metadata };
  const { [lastApplied]: _, ...annotations } = metadata.annotations;
  return { ...object, metadata: { ...metadata, annotations } };
}
