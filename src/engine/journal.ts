import * as z from 'zod';
import { JournalConflict, JournalUnreadable } from '../errors/engine-errors.ts';
import { messageOf } from '../errors/upgrade-error.ts';
import { ConfigMaps } from '../kubernetes/kinds.ts';
import type { ConfigMap, KubernetesObject } from '../kubernetes/objects.ts';
import type { Cluster } from '../kubernetes/port.ts';
import type { Marks } from '../mesh/marks.ts';
import type { Plan } from '../plan/plan.ts';
import type { Lock } from './lock.ts';
import { swap } from './swap.ts';

/** What a run knows that cannot be read from the cluster. Bounded: it grows with waves, never with time or pods. */
export interface Journal {
  schema: 1;
  runId: string;
  /** The run that wrote last: of an upgrade that was resumed, another than the one that began it. Set by the store. */
  writer?: string;
  /** Of the lock under which it was written: no holder before can write over it. */
  epoch: number;
  state: JournalState;
  /** The way forward; the way back is derived from it. */
  plan: Plan;
  planHash: string;
  /** The tag's objects as they were, so that it can be put back without istioctl. */
  originals: readonly KubernetesObject[];
  marks: Marks;
  /** The effect that was about to be made when this was written. */
  intent?: { effect: string; at: number };
  /** Why it stands still. */
  held?: { code: string; message: string; at: number };
  /** One line for each of the last ten runs that ended. */
  history: readonly string[];
}

/** `waiting`: everything up to `--through` is done, and the next run goes on. */
export type JournalState = 'running' | 'waiting' | 'held' | 'rolling-back' | 'rolled-back' | 'completed';

export const isFinished = ({ state }: Journal): boolean => state === 'completed' || state === 'rolled-back';

/** Just enough of its form to refuse what another release or a hand wrote. */
const form = z.looseObject({
  schema: z.literal(1),
  runId: z.string(),
  writer: z.string().optional(),
  epoch: z.number(),
  state: z.enum(['running', 'waiting', 'held', 'rolling-back', 'rolled-back', 'completed']),
  plan: z.looseObject({
    schema: z.literal(1),
    clusterUid: z.string(),
    from: z.string(),
    to: z.string(),
    tag: z.string(),
    waves: z.array(z.looseObject({ name: z.string(), namespaces: z.array(z.string()) })),
  }),
  planHash: z.string(),
  originals: z.array(z.unknown()),
  marks: z.looseObject({ waves: z.record(z.string(), z.unknown()) }),
  history: z.array(z.string()),
});

export const journalName = (tag: string): string => `istio-canary-upgrade-${tag}`;

/** Which mesh a journal speaks of. */
export interface MeshTag {
  istioNamespace: string;
  tag: string;
}

/** The journal as it is in the cluster, and the object that holds it. @throws JOURNAL_UNREADABLE */
export async function readJournal(
  cluster: Cluster,
  { istioNamespace, tag }: MeshTag,
): Promise<{ object: ConfigMap | undefined; journal: Journal | undefined }> {
  const object = await cluster.get<ConfigMap>(ConfigMaps, journalName(tag), istioNamespace);
  return { object, journal: object === undefined ? undefined : parse(object) };
}

function parse({ metadata: { name }, data }: ConfigMap): Journal {
  const text = data?.['journal'];
  if (text === undefined) throw JournalUnreadable.of(name, 'it has no key "journal"');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (failure) {
    throw JournalUnreadable.because(failure, name, messageOf(failure));
  }
  const parsed = form.safeParse(value);
  if (!parsed.success) throw JournalUnreadable.of(name, z.prettifyError(parsed.error).split('\n')[0] ?? 'wrong form');
  return value as Journal;
}

/** What every write asks first, and is stamped with. */
export type Fence = Pick<Lock, 'epoch' | 'expectHeld'>;

/** One ConfigMap, written under the lock and by compare-and-swap on its resourceVersion: whoever lost the race stops. */
export class JournalStore {
  readonly #cluster: Cluster;
  readonly #mesh: MeshTag;
  readonly #writer: string;
  readonly #fence: Fence;
  #object: ConfigMap | undefined;
  #journal: Journal | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(cluster: Cluster, mesh: MeshTag, writer: string, fence: Fence) {
    this.#cluster = cluster;
    this.#fence = fence;
    this.#mesh = mesh;
    this.#writer = writer;
  }

  /** @throws JOURNAL_UNREADABLE */
  async load(): Promise<Journal | undefined> {
    const { object, journal } = await readJournal(this.#cluster, this.#mesh);
    this.#object = object;
    this.#journal = journal;
    return journal;
  }

  /** The newest journal that we know; `undefined` before there is one. */
  peek(): Journal | undefined {
    return this.#journal;
  }

  get current(): Journal {
    if (this.#journal === undefined) throw new Error('the journal was used before it was begun');
    return this.#journal;
  }

  /** What the journal will be once the checks have passed; writes nothing. */
  draft(journal: Journal): void {
    this.#journal = journal;
  }

  /** Writes the draft: over a finished journal, or as the first. */
  async begin(): Promise<void> {
    await this.#write(() => this.current);
  }

  /** Writes a change of the newest journal; changes queue up, so that two effects at once do not race each other. */
  async update(change: (journal: Journal) => Journal): Promise<void> {
    await this.#write(() => change(this.current));
  }

  async #write(next: () => Journal): Promise<void> {
    const write = this.#writing.then(async () => {
      await this.#fence.expectHeld();
      const journal = { ...next(), writer: this.#writer, epoch: this.#fence.epoch };
      this.#object = await this.#swap(journal);
      this.#journal = journal;
    });
    this.#writing = write.catch(() => undefined);
    await write;
  }

  /** @throws JOURNAL_CONFLICT */
  async #swap(journal: Journal): Promise<ConfigMap> {
    const text = JSON.stringify(journal);
    const next: ConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: journalName(this.#mesh.tag),
        namespace: this.#mesh.istioNamespace,
        labels: { 'app.kubernetes.io/managed-by': 'istio-canary-upgrade' },
      },
      data: { journal: text },
    };
    const isOurs = ({ data }: ConfigMap) => data?.['journal'] === text;
    const written = await swap(this.#cluster, ConfigMaps, { known: this.#object, next, isOurs });
    if ('lost' in written) throw JournalConflict.because(written.lost, next.metadata.name);
    return written;
  }
}
