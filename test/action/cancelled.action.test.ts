import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../../harness/rehearsal/sim/random.ts';
import { act, journalOf, killRunStep, mesh, podsByRevision } from './acting.ts';

const Old = '1-30-4';
const New = '1-31-0';
const seed = Number(process.env['SEED'] ?? 20261123);
const random = new Random(seed);

/** A random moment in each of these stages, under both policies. */
const moments = [2, 3, 5, 7].flatMap((stage) =>
  (['hold', 'rollback'] as const).map((policy) => ({ stage, policy, afterMs: Math.floor(random.next() * 400) })),
);

describe(`a cancelled job (seed ${seed})`, () => {
  it.for(moments)(
    'in stage $stage, $afterMs ms after its begin, with on.cancel: $policy',
    async ({ stage, policy, afterMs }) => {
      const acting = await mesh(`on: { cancel: ${policy} }\n`);
      const { served } = acting;
      const cancelling = new AbortController();
      const ran = await act(acting, {
        with: { command: 'upgrade' },
        cancel: cancelling.signal,
        tell: (line) => {
          if (line.includes(`▾ ${stage} `)) setTimeout(() => cancelling.abort(), afterMs);
        },
      });
      // In stage 3 the tag may have moved or not; before stage 3 there is nothing to roll back.
      const back = { 2: ['held'], 3: ['held', 'rolled-back'] }[stage] ?? ['rolled-back'];

      expect(ran.conclusion).toBe('cancelled');
      expect(ran.orphans, 'processes that outlived the job').toEqual([]);
      expect(ran.complaints).toEqual([]);
      expect(ran.steps.find(({ id }) => id === 'finalize')?.outcome, ran.log).not.toBe('skipped');
      expect(ran.summary).toMatch(/^## /);
      expect(policy === 'hold' ? ['held'] : back, ran.log).toContain(ran.outputs['outcome']);
      expect(ran.outputs['next-command']).toMatch(
        ran.outputs['outcome'] === 'held' ? /^istio-canary-upgrade upgrade / : /^$/,
      );
      const journal = journalOf(served);
      expect(journal?.state).toBe(ran.outputs['outcome']);
      expect(journal?.intent).toBeUndefined();
      if (journal?.state === 'rolled-back') expect(podsByRevision(served)).toEqual({ [Old]: 13 });

      const second = await act(acting, { with: { command: 'upgrade' } });
      expect(second.outputs['outcome'], second.log).toBe('completed');
      expect(podsByRevision(served)).toEqual({ [New]: 13 });
    },
  );

  it('before the run step sends no request, and skips finalize', async () => {
    const acting = await mesh();
    const cancelling = new AbortController();
    const ran = await act(acting, {
      with: { command: 'upgrade' },
      cancel: cancelling.signal,
      tell: (line) => {
        if (line.startsWith('Node v')) cancelling.abort();
      },
    });
    expect(ran.steps.map(({ id, outcome }) => `${id}: ${outcome}`).slice(1)).toEqual([
      'istioctl: skipped',
      'run: skipped',
      'finalize: skipped',
      ': skipped',
    ]);
    expect(ran.outputs['outcome']).toBe('interrupted');
    expect(acting.served.requests()).toBe(0);
  });

  it('that is killed during istioctl install leaves no istioctl process, and the next run completes', async () => {
    const acting = await mesh();
    const cancelling = new AbortController();
    acting.served.sim.interceptIstioctl = ([verb]) => {
      if (verb !== 'install' || cancelling.signal.aborted) return undefined;
      cancelling.abort();
      // A fast enough run would end istioctl itself at the first signal of the cancellation.
      killRunStep(acting.served);
      return 'hang-before';
    };
    const ran = await act(acting, { with: { command: 'upgrade' }, cancel: cancelling.signal, signalFactor: 1e-6 });
    expect(ran.steps.find(({ id }) => id === 'run')?.outcome).toBe('cancelled');
    expect(ran.log).toMatch(/Ended \w+ \(pid \d+\), which the run had left behind\./);
    expect(ran.orphans).toEqual([]);
    expect(ran.outputs['outcome'], ran.log).toBe('held');
    // Its last words, if there was time for them; else what it had said before.
    expect(ran.summary).toMatch(
      /^## (✘ upgrade, .*: interrupted|… upgrade, .*: under way: stage 2)[\s\S]*## ✘ finalize, .*: held/,
    );
    const second = await act(acting, { with: { command: 'upgrade' } });
    expect(second.outputs['outcome'], second.log).toBe('completed');
  });

  it('whose run step is killed with SIGKILL is finalized too', async () => {
    const acting = await mesh('on: { failure: rollback }\n');
    const ran = await act(acting, {
      with: { command: 'upgrade' },
      tell: (line) => {
        if (line.includes('▾ 7 ')) killRunStep(acting.served);
      },
    });
    expect(ran.conclusion).toBe('failure');
    expect(ran.outputs['outcome'], ran.log).toBe('rolled-back');
    expect(podsByRevision(acting.served)).toEqual({ [Old]: 13 });
    expect(ran.orphans).toEqual([]);
  });

  it('is not what a run is whose time was up: it holds although on.cancel is rollback, and its outputs stay', async () => {
    const acting = await mesh('on: { cancel: rollback, failure: rollback }\n');
    // The mesh lives on between the runs, and a machine with other work must not let the longest bake end meanwhile.
    const config = join(acting.workspace, 'istio-upgrade.yaml');
    writeFileSync(config, readFileSync(config, 'utf8').replace('maxBake: 2m', 'maxBake: 20m'));
    const ran = await act(acting, { with: { command: 'upgrade', timeout: '90s' } });
    expect(ran.outputs, ran.log).toMatchObject({ outcome: 'interrupted', reason: 'TIMED_OUT' });
    expect(ran.outputs['stage']).not.toBe('');
    expect(ran.outputs['report']).not.toBe('');
    expect(ran.outputs['next-command']).toMatch(/^istio-canary-upgrade upgrade /);
    expect(journalOf(acting.served)).toMatchObject({ state: 'held', held: { code: 'TIMED_OUT' } });
    const second = await act(acting, { with: { command: 'upgrade' } });
    expect(second.outputs['outcome'], second.log).toBe('completed');
  });
});
