import type { KubernetesObject } from '../../../src/kubernetes/objects.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { ListMeta } from './encode.ts';
import type { Resource } from './resources.ts';
import { type ObjectPredicate, parseFieldSelector, parseLabelSelector } from './selectors.ts';
import { badRequest, expired } from './status-failure.ts';
import type { Store } from './store.ts';

/** etcd is compacted every five minutes; a page asked for later than that is gone. */
const PageLifetimeMs = 5 * 60 * 1000;

export interface Page {
  items: readonly KubernetesObject[];
  metadata: ListMeta;
}

interface Snapshot {
  items: readonly KubernetesObject[];
  resourceVersion: number;
  expiresAt: number;
}

/** Lists, page by page; all pages of one list show the same moment. */
export class Lister {
  readonly #store: Store;
  readonly #clock: VirtualClock;
  readonly #snapshots = new Map<string, Snapshot>();
  #nextToken = 1;

  constructor(store: Store, clock: VirtualClock) {
    this.#store = store;
    this.#clock = clock;
  }

  list(resource: Resource, namespace: string | undefined, query: URLSearchParams): Page {
    const limit = Number(query.get('limit') ?? 0);
    const token = query.get('continue');
    const isSelecting = Boolean(query.get('labelSelector') || query.get('fieldSelector'));
    if (token) return this.#page(this.#resume(token), limit, isSelecting);
    const matches = selectorOf(query);
    const { resourceVersion } = this.#store;
    const items = this.#store.list<KubernetesObject>(resource, namespace).filter(matches);
    return this.#page({ items, resourceVersion, expiresAt: this.#clock.now() + PageLifetimeMs }, limit, isSelecting);
  }

  /** Makes every list that is under way start again, as a compaction does. */
  expirePages(): void {
    for (const snapshot of this.#snapshots.values()) snapshot.expiresAt = 0;
  }

  #resume(token: string): Snapshot {
    const snapshot = this.#snapshots.get(token);
    if (!snapshot) throw badRequest('continue key is not valid');
    this.#snapshots.delete(token);
    if (this.#clock.now() <= snapshot.expiresAt) return snapshot;
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    );
  }

  #page({ items, resourceVersion, expiresAt }: Snapshot, limit: number, isSelecting: boolean): Page {
    const shown = limit > 0 ? items.slice(0, limit) : items;
    const rest = items.slice(shown.length);
    const metadata: ListMeta = { resourceVersion: String(resourceVersion) };
    if (rest.length === 0) return { items: shown, metadata };
    const token = Buffer.from(
      JSON.stringify({ v: 'meta.k8s.io/v1', rv: resourceVersion, start: this.#nextToken++ }),
    ).toString('base64url');
    this.#dropExpired();
    this.#snapshots.set(token, { items: rest, resourceVersion, expiresAt });
    // With a selector the server does not know how many will follow.
    return {
      items: shown,
      metadata: { ...metadata, continue: token, ...(isSelecting ? {} : { remainingItemCount: rest.length }) },
    };
  }

  #dropExpired(): void {
    const longAgo = this.#clock.now() - PageLifetimeMs;
    for (const [token, { expiresAt }] of this.#snapshots) if (expiresAt < longAgo) this.#snapshots.delete(token);
  }
}

export function selectorOf(query: URLSearchParams): ObjectPredicate {
  const matchesLabels = parseLabelSelector(query.get('labelSelector') ?? '');
  const matchesFields = parseFieldSelector(query.get('fieldSelector') ?? '');
  return (object) => matchesLabels(object) && matchesFields(object);
}
