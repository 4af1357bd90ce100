import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { ListMeta } from './encode.ts';
import { isMap } from './json.ts';
import type { Resource } from './resources.ts';
import { type ObjectPredicate, parseFieldSelector, parseLabelSelector } from './selectors.ts';
import { badRequest, expiredPage } from './status-failure.ts';
import type { Store } from './store.ts';

/** etcd is compacted every five minutes; a page asked for later than that is gone. */
const PageLifetimeMs = 5 * 60 * 1000;
/** In the token of a list that goes on with whatever is there now. */
const AnyVersion = -1;

export interface Page {
  items: readonly KubernetesObject[];
  metadata: ListMeta;
}

interface Snapshot {
  items: readonly KubernetesObject[];
  resourceVersion: number;
  expiresAt: number;
}

interface PageRequest {
  limit: number;
  isSelecting: boolean;
  namespace: string | undefined;
  /** What is listed, as a key. */
  list: string;
}

interface Token {
  resourceVersion: number;
  /** The key to go on from. */
  start: string;
}

/** Lists, page by page; all pages of one list show the same moment. */
export class Lister {
  readonly #store: Store;
  readonly #clock: VirtualClock;
  readonly #snapshots = new Map<string, Snapshot>();

  constructor(store: Store, clock: VirtualClock) {
    this.#store = store;
    this.#clock = clock;
  }

  list(resource: Resource, namespace: string | undefined, query: URLSearchParams): Page {
    const limit = Number(query.get('limit') ?? 0);
    const continued = query.get('continue');
    const matches = selectorOf(resource, query);
    expectVersion(query);
    const isSelecting = Boolean(query.get('labelSelector') || query.get('fieldSelector'));
    // A token says nothing of what is listed; the same one may be in use for several lists.
    const list = [
      resource.group,
      resource.plural,
      namespace,
      query.get('labelSelector'),
      query.get('fieldSelector'),
    ].join('|');
    const page = (snapshot: Snapshot) => this.#page(snapshot, { limit, isSelecting, namespace, list });
    if (!continued) return page(this.#now(resource, namespace, matches));
    const token = readToken(continued);
    if (token.resourceVersion !== AnyVersion) return page(this.#resume(`${list}|${continued}`, token));
    const whole = this.#now(resource, namespace, matches);
    return page({ ...whole, items: whole.items.filter((item) => keyIn(item, namespace) >= token.start) });
  }

  /** Makes every list that is under way start again, as a compaction does. */
  expirePages(): void {
    for (const snapshot of this.#snapshots.values()) snapshot.expiresAt = 0;
  }

  #now(resource: Resource, namespace: string | undefined, matches: ObjectPredicate): Snapshot {
    const items = this.#store.list<KubernetesObject>(resource, namespace).filter(matches);
    const { resourceVersion } = this.#store;
    return { items, resourceVersion, expiresAt: this.#clock.now() + PageLifetimeMs };
  }

  #resume(key: string, { start }: Token): Snapshot {
    const snapshot = this.#snapshots.get(key);
    if (snapshot && this.#clock.now() <= snapshot.expiresAt) return snapshot;
    throw expiredPage(writeToken({ resourceVersion: AnyVersion, start }));
  }

  #page({ items, resourceVersion, expiresAt }: Snapshot, { limit, isSelecting, namespace, list }: PageRequest): Page {
    const shown = limit > 0 ? items.slice(0, limit) : items;
    const rest = items.slice(shown.length);
    const metadata: ListMeta = { resourceVersion: String(resourceVersion) };
    const [next] = rest;
    if (!next) return { items: shown, metadata };
    const token = writeToken({ resourceVersion, start: keyIn(next, namespace) });
    this.#dropExpired();
    this.#snapshots.set(`${list}|${token}`, { items: rest, resourceVersion, expiresAt });
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

/** @throws StatusFailure BadRequest, in the words of the parser that refused */
export function selectorOf(resource: Resource, query: URLSearchParams): ObjectPredicate {
  const matchesLabels = parseLabelSelector(query.get('labelSelector') ?? '');
  const matchesFields = parseFieldSelector(resource.kind, query.get('fieldSelector') ?? '');
  return (object) => matchesLabels(object) && matchesFields(object);
}

/** How a version that is no number is refused; lists and watches say it with different codes. */
export function badVersion(query: URLSearchParams): string | undefined {
  const version = query.get('resourceVersion') ?? '';
  return /^\d*$/.test(version)
    ? undefined
    : `resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;
}

function expectVersion(query: URLSearchParams): void {
  const bad = badVersion(query);
  if (bad) throw badRequest(`invalid resource version: ${bad}`);
}

/** As etcd's key below the prefix of the list. */
function keyIn({ metadata }: KubernetesObject, namespace: string | undefined): string {
  return namespace === undefined && metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}

/** The form of the real token; clients must not look into it, but the suite makes one up. */
function writeToken({ resourceVersion, start }: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: resourceVersion, start })).toString('base64url');
}

function readToken(text: string): Token {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (isMap(token) && typeof token['rv'] === 'number' && typeof token['start'] === 'string') {
      return { resourceVersion: token['rv'], start: token['start'] };
    }
  } catch {
    // Said below, as for a token with something missing.
  }
  throw badRequest('invalid continue token: continue key is not valid');
}
