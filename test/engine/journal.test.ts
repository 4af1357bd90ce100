import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Fence, JournalStore } from '../../src/engine/journal.ts';
import { LockLost } from '../../src/engine/lock-errors.ts';
import { type EarlierVerdict, readVerdict } from '../../src/gate/read-verdict.ts';
import type { Journal } from '../../src/model/journal.ts';
import type { Cluster } from '../../src/ports/kubernetes.ts';
import type { ConfigMap } from '../../src/ports/objects.ts';
import { noMarks, plan } from '../mesh/world-fixtures.ts';

const journal: Journal = {
  schema: 1,
  runId: 'run1',
  epoch: 0,
  state: 'running',
  plan: plan(),
  planHash: 'abc',
  originals: [],
  marks: noMarks,
  history: [],
};

/** Held all the time. */
const held: Fence = { epoch: 3, expectHeld: async () => undefined };

/** One ConfigMap with a resourceVersion; everything else throws. */
function onlyConfigMap(text?: string, fence: Fence = held) {
  const state: { object: ConfigMap | undefined; fail: (made: boolean) => 'before' | 'after' | undefined } = {
    object: text === undefined ? undefined : { metadata: { name: 'x', resourceVersion: '1' }, data: { journal: text } },
    fail: () => undefined,
  };
  const write = async (next: ConfigMap): Promise<ConfigMap> => {
    const fault = state.fail(false);
    if (fault === 'before') throw new Error('timed out');
    if (next.metadata.resourceVersion !== state.object?.metadata.resourceVersion) throw new Error('conflict');
    const version = String(Number(state.object?.metadata.resourceVersion ?? 0) + 1);
    state.object = { ...next, metadata: { ...next.metadata, resourceVersion: version } };
    if (fault === 'after') throw new Error('timed out');
    return state.object;
  };
  const cluster = new Proxy({} as Cluster, {
    get: (_, name) => {
      if (name === 'get') return async () => state.object;
      if (name === 'create' || name === 'replace') return async (_kind: unknown, object: ConfigMap) => write(object);
      throw new Error(`not scripted: ${String(name)}`);
    },
  });
  return { state, store: new JournalStore(cluster, { istioNamespace: 'istio-system', tag: 'default' }, 'run1', fence) };
}

const kept = ({ object }: { object: ConfigMap | undefined }) => JSON.parse(object?.data?.['journal'] ?? '') as Journal;

describe('the journal', () => {
  it('is absent before the first upgrade, and afterwards read as it was written', async () => {
    const { state, store } = onlyConfigMap();
    expect(await store.load()).toBeUndefined();
    store.draft(journal);
    expect(state.object).toBeUndefined();
    await store.begin();
    const written = { ...journal, writer: 'run1', epoch: held.epoch };
    expect(kept(state)).toEqual(written);
    expect(await store.load()).toEqual(written);
  });

  it('is read with the run of its restarts when release 0.1.0 wrote that as a token', async () => {
    const { runId: _runId, ...planOfThen } = journal.plan;
    const text = JSON.stringify({ ...journal, plan: { ...planOfThen, token: 'run7.forward' } });
    const read = await onlyConfigMap(text).store.load();
    expect(read?.plan).toEqual({ ...planOfThen, runId: 'run7' });
  });

  it('is read without matchers of a cluster when release 0.1.0 wrote it', async () => {
    const { match: _match, ...gate } = journal.plan.gate;
    const text = JSON.stringify({ ...journal, plan: { ...journal.plan, gate } });
    expect((await onlyConfigMap(text).store.load())?.plan.gate).toEqual({ ...gate, match: '' });
  });

  it('is read with its verdicts when release 0.1.0 wrote them', async () => {
    const table = readFileSync(new URL('../fixtures/gate/judged-by-0.1.0.json', import.meta.url), 'utf8');
    const [{ judged }] = JSON.parse(table) as [{ judged: EarlierVerdict }];
    const waves = { canary: { startedAt: 1, readyAt: 2, verdict: judged }, rest: { startedAt: 3 } };
    const { store } = onlyConfigMap(JSON.stringify({ ...journal, marks: { waves, tagMovedAt: 4 } }));
    const { marks } = (await store.load()) ?? { marks: undefined };
    expect(marks).toEqual({
      waves: { canary: { startedAt: 1, readyAt: 2, verdict: readVerdict(judged) }, rest: { startedAt: 3 } },
      tagMovedAt: 4,
    });
  });

  it('keeps both changes when two are made at once', async () => {
    const { state, store } = onlyConfigMap(JSON.stringify(journal));
    await store.load();
    await Promise.all([
      store.update((old) => ({ ...old, history: [...old.history, 'one'] })),
      store.update((old) => ({ ...old, history: [...old.history, 'two'] })),
    ]);
    expect(kept(state).history).toEqual(['one', 'two']);
  });

  it.for(['before', 'after'] as const)('survives a write whose answer is lost %s it is made', async (moment) => {
    const { state, store } = onlyConfigMap(JSON.stringify(journal));
    await store.load();
    let calls = 0;
    state.fail = () => (++calls === 1 ? moment : undefined);
    await store.update((old) => ({ ...old, state: 'waiting' }));
    await store.update((old) => ({ ...old, history: ['ended'] }));
    expect(kept(state)).toMatchObject({ state: 'waiting', history: ['ended'] });
  });

  it('gives up on a write that never arrives, and keeps its last known content', async () => {
    const { state, store } = onlyConfigMap(JSON.stringify(journal));
    await store.load();
    state.fail = () => 'before';
    await expect(store.update((old) => ({ ...old, state: 'waiting' }))).rejects.toThrow('timed out');
    expect(store.current.state).toBe('running');
  });

  it.for([
    { code: 'GATE_FAILED', next: 'rollback' },
    { code: 'OLD_REVISION_IN_USE', next: undefined },
  ])('of release 0.1.0 that holds because of $code advises $next', async ({ code, next }) => {
    const earlier = { ...journal, state: 'held', held: { code, message: 'why', at: 1 } };
    const { store } = onlyConfigMap(JSON.stringify(earlier));
    expect((await store.load())?.held?.next).toBe(next);
  });

  it('stops the run when another writer has changed it', async () => {
    const { state, store } = onlyConfigMap(JSON.stringify(journal));
    await store.load();
    state.object = {
      metadata: { name: 'x', resourceVersion: '9' },
      data: { journal: JSON.stringify({ ...journal, runId: 'other' }) },
    };
    await expect(store.update((old) => ({ ...old, state: 'waiting' }))).rejects.toMatchObject({
      code: 'JOURNAL_CONFLICT',
    });
    expect(kept(state).runId).toBe('other');
  });

  it('is not written by a run that has lost its lock', async () => {
    const { state, store } = onlyConfigMap(JSON.stringify(journal), {
      epoch: 3,
      expectHeld: async () => {
        throw LockLost.of('default', undefined);
      },
    });
    await store.load();
    await expect(store.update((old) => ({ ...old, state: 'waiting' }))).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(kept(state).state).toBe('running');
  });

  it.for([
    { what: 'no key', text: undefined },
    { what: 'no JSON', text: 'schema: 1' },
    { what: 'another schema', text: JSON.stringify({ ...journal, schema: 2 }) },
    { what: 'no plan', text: JSON.stringify({ ...journal, plan: undefined }) },
    { what: 'a plan without a pace', text: JSON.stringify({ ...journal, plan: { ...journal.plan, pace: undefined } }) },
    { what: 'an unknown state', text: JSON.stringify({ ...journal, state: 'dreaming' }) },
  ])('is refused with $what', async ({ text }) => {
    const { state, store } = onlyConfigMap('');
    state.object = { metadata: { name: 'x' }, data: text === undefined ? {} : { journal: text } };
    await expect(store.load()).rejects.toMatchObject({ code: 'JOURNAL_UNREADABLE' });
  });
});
