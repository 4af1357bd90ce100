import * as z from 'zod';
import { readVerdict } from '../gate/read-verdict.ts';
import { textOf } from '../mesh/journal-text.ts';
import { type Journal, journalName, journalStates, ourLabels, ourSelector } from '../model/journal.ts';
import type { Plan } from '../model/plan.ts';
import { parseRestartMark } from '../model/restart-mark.ts';
import { messageOf, UpgradeError } from '../model/upgrade-error.ts';
import { ConfigMaps } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { ConfigMap } from '../ports/objects.ts';
import { GateFailed } from '../rollout/wave-progress.ts';
import { JournalConflict, JournalUnreadable } from './engine-errors.ts';
import { formsOf, type StoredJournal } from './journal-form.ts';
import type { Lock } from './lock.ts';
import { swap } from './swap.ts';

/** Just enough of its form to refuse what another release or a hand wrote. */
const form = z.looseObject({
  schema: z.literal(1),
  runId: z.string(),
  writer: z.string().optional(),
  epoch: z.number(),
  state: z.enum(journalStates),
  plan: z.looseObject({
    schema: z.literal(1),
    clusterUid: z.string(),
    from: z.string(),
    to: z.string(),
    tag: z.string(),
    pace: z.looseObject({}),
    gate: z.looseObject({}),
    waves: z.array(z.looseObject({ name: z.string(), namespaces: z.array(z.string()) })),
  }),
  planHash: z.string(),
  originals: z.array(z.unknown()),
  marks: z.looseObject({ waves: z.record(z.string(), z.unknown()) }),
  history: z.array(z.string()),
});

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

/** The upgrades whose journals the cluster holds, in all namespaces. */
export async function listJournals(cluster: Cluster): Promise<readonly MeshTag[]> {
  const found = await cluster.listMetadata(ConfigMaps, { labelSelector: ourSelector, fresh: true });
  return found.flatMap(({ metadata: { name, namespace: istioNamespace = '' } }) => {
    const tag = name.slice(journalName('').length);
    return journalName(tag) === name ? [{ tag, istioNamespace }] : [];
  });
}

function parse(object: ConfigMap): Journal {
  const { name } = object.metadata;
  let value: unknown;
  try {
    const text = textOf(object);
    if (text === undefined) throw new Error('it has no key "journal"');
    value = JSON.parse(text);
  } catch (failure) {
    throw JournalUnreadable.because(failure, name, messageOf(failure));
  }
  const parsed = form.safeParse(value);
  if (!parsed.success) throw JournalUnreadable.of(name, z.prettifyError(parsed.error).split('\n')[0] ?? 'wrong form');
  return withMatch(withPatience(withRunId(withVerdictsRead(withNextCommand(value as Journal)))));
}

/** Release 0.1.0 recorded why a run holds, but not the next command. */
function withNextCommand({ held, ...journal }: Journal): Journal {
  if (held === undefined) return journal;
  const { code, next } = GateFailed.definition;
  return { ...journal, held: held.next === undefined && held.code === code ? { ...held, next } : held };
}

/** Release 0.1.0 wrote the run of a plan as `token: RUN.DIRECTION`. */
function withRunId(journal: Journal): Journal {
  const { token, ...plan } = journal.plan as Plan & { token?: string };
  return { ...journal, plan: { ...plan, runId: plan.runId ?? parseRestartMark(token)?.runId ?? journal.runId } };
}

/** Release 0.1.0 knew neither `pace.patience` nor `on.broken`. */
function withPatience(journal: Journal): Journal {
  const { pace, broken = { workloads: 3, ratio: 0.05 } } = journal.plan;
  const { patienceMs = 900_000 } = pace as Partial<Plan['pace']>;
  return { ...journal, plan: { ...journal.plan, broken, pace: { ...pace, patienceMs } } };
}

/** Release 0.1.0 did not know `gate.prometheus.match`. */
function withMatch(journal: Journal): Journal {
  const { gate } = journal.plan;
  const { match = '' } = gate as Partial<Plan['gate']>;
  return { ...journal, plan: { ...journal.plan, gate: { ...gate, match } } };
}

/** The verdicts of its waves may have been written by an earlier release. */
function withVerdictsRead(journal: Journal): Journal {
  const waves = Object.entries(journal.marks.waves).map(([wave, { verdict, ...marks }]) => [
    wave,
    verdict === undefined ? marks : { ...marks, verdict: readVerdict(verdict) },
  ]);
  return { ...journal, marks: { ...journal.marks, waves: Object.fromEntries(waves) } };
}

/** What every write asks first, and is stamped with. */
export type Fence = Pick<Lock, 'epoch' | 'expectHeld'>;

/** One ConfigMap, written under the lock and by compare-and-swap on its resourceVersion: a run that lost the race stops. */
export class JournalStore {
  readonly #cluster: Cluster;
  readonly #mesh: MeshTag;
  readonly #writer: string;
  readonly #fence: Fence;
  #object: ConfigMap | undefined;
  #journal: Journal | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  /** The text of a write of which it is not known whether it was made. */
  #unsure: string | undefined;
  #goesOn = false;
  #unwritten: unknown;

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

  /** From now on a refused write stops nothing: the run knows what it did, and each later write tries again. */
  goOnUnwritten(): void {
    this.#goesOn = true;
  }

  /** Why the newest journal that we know is not in the cluster; `undefined` when it is. */
  get unwritten(): unknown {
    return this.#unwritten;
  }

  async #write(next: () => Journal): Promise<void> {
    const write = this.#writing.then(async () => {
      await this.#fence.expectHeld();
      const journal = { ...next(), writer: this.#writer, epoch: this.#fence.epoch };
      try {
        this.#object = await this.#written(journal);
        this.#unwritten = undefined;
      } catch (failure) {
        if (!this.#goesOn || endsTheRun(failure)) throw failure;
        this.#unwritten = failure;
      }
      this.#journal = journal;
    });
    this.#writing = write.catch(() => undefined);
    await write;
  }

  /** In its fullest form that is not refused. */
  async #written(journal: Journal): Promise<ConfigMap> {
    const forms = formsOf(journal);
    for (const [index, form] of forms.entries()) {
      try {
        return await this.#inPlace(form);
      } catch (failure) {
        const isLast = index === forms.length - 1;
        if (isLast || endsTheRun(failure) || failure instanceof UpgradeError) throw failure;
      }
    }
    throw new Error('a journal has at least one form');
  }

  /** A rollback under our lock also writes over what a client without it has made of the object meanwhile. */
  async #inPlace(form: StoredJournal): Promise<ConfigMap> {
    try {
      return await this.#swap(form);
    } catch (failure) {
      if (!this.#goesOn || !(failure instanceof UpgradeError) || failure.code !== JournalConflict.definition.code)
        throw failure;
      this.#object = await this.#cluster.get<ConfigMap>(
        ConfigMaps,
        journalName(this.#mesh.tag),
        this.#mesh.istioNamespace,
      );
      await this.#fence.expectHeld();
      return await this.#swap(form);
    }
  }

  /** @throws JOURNAL_CONFLICT */
  async #swap(form: StoredJournal): Promise<ConfigMap> {
    const next: ConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: journalName(this.#mesh.tag),
        namespace: this.#mesh.istioNamespace,
        labels: ourLabels,
      },
      ...form,
    };
    const text = textOf(form);
    const holds =
      (wanted: string | undefined) =>
      (read: ConfigMap): boolean =>
        wanted !== undefined && textOf(read) === wanted;
    const before = this.#unsure;
    this.#unsure = text;
    const written = await swap(this.#cluster, ConfigMaps, { known: this.#object, next, isOurs: holds(text) });
    // Our write before was made after all, and only its answer was lost.
    const again =
      'lost' in written && written.now !== undefined && holds(before)(written.now)
        ? await swap(this.#cluster, ConfigMaps, { known: written.now, next, isOurs: holds(text) })
        : written;
    this.#unsure = undefined;
    if ('lost' in again) throw JournalConflict.because(again.lost, next.metadata.name);
    return again;
  }
}

/** Without the lock or an API server there is nothing to go on with. */
const endsTheRun = (failure: unknown): boolean =>
  failure instanceof UpgradeError && failure.whileWriting === 'ends the run';
