import type { EffectContext } from '../../src/effects/effect-definition.ts';
import type { JudgedEvidence } from '../../src/model/evidence.ts';
import { noTraffic } from '../../src/model/evidence.ts';
import type { Journal } from '../../src/model/journal.ts';
import { evidenceWith } from '../gate/gate-fixtures.ts';
import { noMarks, plan } from '../mesh/world-fixtures.ts';

export const now = Date.parse('2026-01-01T00:00:00Z');

export const judged: JudgedEvidence = {
  verdict: 'pass',
  reason: 'all numbers are below their limits',
  at: now,
  answers: [],
  traffic: [],
  evidence: evidenceWith({
    since: now - 60_000,
    until: now,
    readyAt: now - 60_000,
    serverSide: noTraffic,
    clientSide: noTraffic,
    outbound: noTraffic,
  }),
};

/** A journal in memory; `versions` are all that were written, oldest first. */
export function memoryJournal(more: Partial<Journal> = {}) {
  const versions: Journal[] = [];
  let current: Journal = {
    schema: 1,
    runId: 'run1',
    epoch: 1,
    state: 'running',
    plan: plan(),
    planHash: 'abc',
    originals: [],
    marks: noMarks,
    history: [],
    ...more,
  };
  const journal: EffectContext['journal'] = {
    get current() {
      return current;
    },
    update: async (change) => {
      current = change(current);
      versions.push(current);
    },
  };
  return { journal, versions };
}

/** Answers the calls that a test scripts; any other call throws and names itself. */
export function only<T extends object>(scripted: Partial<T>): T {
  return new Proxy(scripted as T, {
    get: (target, name, receiver) => {
      if (!(name in target)) throw new Error(`not scripted: ${String(name)}`);
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
}

/** A context in which every call that is not scripted throws. */
export function context(more: Partial<EffectContext> = {}): EffectContext {
  return {
    cluster: only({}),
    installer: only({}),
    meshTool: only({}),
    journal: only({}),
    plan: plan(),
    emit: () => undefined,
    now,
    ...more,
  };
}
