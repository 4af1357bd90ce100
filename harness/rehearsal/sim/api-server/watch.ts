import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import type { Random } from '../random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { ChunkStream } from './chunk-stream.ts';
import { encodeEvent, watchEncoder } from './encode.ts';
import type { Form } from './form.ts';
import { badVersion, selectorOf } from './list.ts';
import { type Resource, splitApiVersion } from './resources.ts';
import { StatusFailure, tooOldResourceVersion } from './status-failure.ts';
import { type Change, keyOf, type Store } from './store.ts';

const BookmarkEveryMs = 60_000;
/** One more comes shortly before a watch ends, so that its client goes on from near the present. */
const LastBookmarkMs = 2_000;
const MinTimeoutMs = 30 * 60_000;

export interface WatchRequest {
  resource: Resource;
  namespace: string | undefined;
  query: URLSearchParams;
  form: Form;
  signal: AbortSignal;
}

/** Server side of all watches: events reach a client a few milliseconds after the change, in order, several in a chunk. */
export class Watches {
  readonly #store: Store;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #open = new Set<ChunkStream>();

  constructor(store: Store, clock: VirtualClock, random: Random) {
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Ends every open watch, as an API server does that restarts. */
  endAll(): void {
    for (const stream of [...this.#open]) stream.end();
  }

  start({ resource, namespace, query, form, signal }: WatchRequest): ChunkStream {
    const matches = selectorOf(resource, query);
    const bad = badVersion(query);
    if (bad) throw new StatusFailure(500, undefined, bad);
    const isWatched = (object: KubernetesObject) =>
      (namespace === undefined || object.metadata.namespace === namespace) && matches(object);
    const stream = new ChunkStream(this.#clock, this.#random, signal);
    const encode = watchEncoder(resource, form);
    const send = (type: string, object: KubernetesObject) => stream.write(encodeEvent(type, encode(object)));
    const lifetimeMs = this.#lifetimeMs(query);

    const stops: (() => void)[] = [];
    this.#open.add(stream);
    stream.onEnd(() => {
      this.#open.delete(stream);
      for (const stop of stops) stop();
    });

    const seen = this.#replay(resource, query, isWatched, send, stream);
    if (!seen) return stream;
    const sent = new Set(seen);
    stops.push(
      this.#store.onChange((change) => {
        if (isOf(resource, change)) emit(change, isWatched, send, sent);
      }),
      this.#clock.schedule(lifetimeMs, () => stream.end(), { background: true }),
    );
    if (query.get('allowWatchBookmarks') === 'true')
      stops.push(this.#bookmarks(lifetimeMs, () => send('BOOKMARK', this.#bookmark(resource))));
    return stream;
  }

  /** What happened since the version asked for; the keys the client knows of, or undefined if that is too long ago. */
  #replay(
    resource: Resource,
    query: URLSearchParams,
    isWatched: (object: KubernetesObject) => boolean,
    send: (type: string, object: KubernetesObject) => void,
    stream: ChunkStream,
  ): Iterable<string> | undefined {
    const asked = query.get('resourceVersion') ?? '';
    const current = this.#store.list<KubernetesObject>(resource).filter(isWatched);
    const keys = current.map(({ metadata }) => keyOf(metadata.name, metadata.namespace));
    if (asked === '' || asked === '0') {
      for (const object of current) send('ADDED', object);
      if (query.get('sendInitialEvents') === 'true') send('BOOKMARK', this.#bookmark(resource, true));
      return keys;
    }
    const past = this.#store.since(resource, Number(asked));
    if ('oldest' in past) {
      stream.write(encodeEvent('ERROR', JSON.stringify(tooOldResourceVersion(Number(asked), past.oldest).status)));
      stream.end();
      return undefined;
    }
    // Which objects matched back then: those that match now, plus what the missed changes took, less what they brought.
    const known = new Set(keys);
    for (const { previous, object } of [...past.changes].reverse()) {
      const key = keyOf(object.metadata.name, object.metadata.namespace);
      if (previous && isWatched(previous)) known.add(key);
      else known.delete(key);
    }
    for (const change of past.changes) emit(change, isWatched, send, known);
    return known;
  }

  #lifetimeMs(query: URLSearchParams): number {
    const seconds = Number(query.get('timeoutSeconds') ?? 0);
    return seconds > 0 ? seconds * 1000 : MinTimeoutMs * (1 + this.#random.next());
  }

  #bookmarks(lifetimeMs: number, send: () => void): () => void {
    let cancel = () => {};
    const lastAt = this.#clock.now() + lifetimeMs - LastBookmarkMs;
    const next = () => {
      const untilLast = lastAt - this.#clock.now();
      const inMs = untilLast > 0 ? Math.min(BookmarkEveryMs, untilLast) : BookmarkEveryMs;
      const action = () => {
        send();
        next();
      };
      cancel = this.#clock.schedule(inMs, action, { background: true });
    };
    next();
    return () => cancel();
  }

  #bookmark({ apiVersion, kind }: Resource, isInitial = false): KubernetesObject {
    const annotations = isInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    const metadata = { resourceVersion: String(this.#store.resourceVersion), ...annotations };
    return { apiVersion, kind, metadata } as unknown as KubernetesObject;
  }
}

function isOf(resource: Resource, { kind }: Change): boolean {
  return kind.plural === resource.plural && splitApiVersion(kind.apiVersion).group === resource.group;
}

/** An object that starts or stops to match a selector comes and goes for that watch. */
function emit(
  { type, object, previous }: Change,
  isWatched: (object: KubernetesObject) => boolean,
  send: (type: string, object: KubernetesObject) => void,
  known: Set<string>,
): void {
  const key = keyOf(object.metadata.name, object.metadata.namespace);
  const wasKnown = known.has(key);
  const isMatch = type !== 'DELETED' && isWatched(object);
  if (isMatch) known.add(key);
  else known.delete(key);
  if (isMatch) send(wasKnown ? 'MODIFIED' : 'ADDED', object);
  else if (wasKnown) {
    const last = previous ?? object;
    send('DELETED', {
      ...last,
      metadata: { ...last.metadata, resourceVersion: object.metadata.resourceVersion ?? '' },
    });
  }
}
