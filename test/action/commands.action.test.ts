import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Deployments } from '../../src/ports/kinds.ts';
import { act, mesh, podsByRevision, reportOf } from './acting.ts';

const Old = '1-30-4';
const New = '1-31-0';

/** Of the seed mesh, all of them. */
const seedPods = 13;

describe('action.yml on a served simulator', () => {
  it('checks, plans, rehearses, upgrades to a wave, says how far it is, and goes on to the end', async () => {
    const acting = await mesh();
    const checked = await act(acting, { with: { command: 'check' } });
    expect(checked.conclusion, checked.log).toBe('success');
    expect(checked.outputs).toMatchObject({ outcome: 'completed', stage: 'precheck', revision: Old, report: '' });
    expect(checked.summary).toMatch(/^## ✔ check: completed\n\n1\.30\.4 -&gt; 1\.31\.0 can begin/);
    expect(checked.steps.find(({ id }) => id === 'finalize')?.outcome).toBe('skipped');

    const planned = await act(acting, { with: { command: 'plan' } });
    expect(planned.conclusion).toBe('success');
    const hash = /Plan ([0-9a-f]{12})/.exec(planned.log)?.[1] ?? '';
    expect(planned.outputs['next-command']).toContain(`upgrade --plan ${hash}`);

    const rehearsed = await act(acting, { with: { command: 'upgrade', 'dry-run': 'true', plan: hash } });
    expect(rehearsed.conclusion, rehearsed.log).toBe('success');
    expect(rehearsed.summary).toMatch(/^## ✔ upgrade, dry run: completed/);
    expect(podsByRevision(acting.served)).toEqual({ [Old]: seedPods });

    const reached = await act(acting, { with: { command: 'upgrade', through: 'canary', plan: hash } });
    expect(reached.conclusion, reached.log).toBe('success');
    expect(reached.outputs).toMatchObject({ outcome: 'reached', wave: 'canary', verdict: 'pass', revision: New });
    expect(reached.outputs['next-command']).toBe('istio-canary-upgrade upgrade --config istio-upgrade.yaml');
    expect(reached.groups.filter((title) => /^\d /.test(title)).map((title) => title[0])).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
    ]);

    const status = await act(acting, { with: { command: 'status' } });
    expect(status.outputs).toMatchObject({ outcome: 'completed', revision: New });
    expect(status.log).toMatch(/Upgrade 1-30-4 -> 1-31-0 .*: waiting/);

    const done = await act(acting, { with: { command: 'upgrade' } });
    expect(done.conclusion, done.log).toBe('success');
    expect(done.outputs).toMatchObject({ outcome: 'completed', stage: 'remove-old-revision', 'next-command': '' });
    expect(podsByRevision(acting.served)).toEqual({ [New]: seedPods });
    expect(reportOf(done).outcome?.kind).toBe('completed');
    const [artifact = ''] = readdirSync(acting.artifacts).filter((name) => done.outputs['report']?.includes(name));
    const uploaded = readFileSync(join(acting.artifacts, artifact, 'upgrade.json'), 'utf8');
    expect(JSON.parse(uploaded)).toEqual(reportOf(done));
    for (const ran of [checked, planned, rehearsed, reached, status, done]) {
      expect(ran.complaints).toEqual([]);
      expect(ran.log).not.toContain(acting.served.token);
      expect(ran.masks).toContain(acting.served.token);
    }
  });

  it('rolls a bad release back, and reports it in annotation, summary and outputs', async () => {
    const acting = await mesh();
    acting.served.sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.2 });
    const ran = await act(acting, { with: { command: 'upgrade' } });
    expect(ran.conclusion).toBe('failure');
    expect(ran.steps.find(({ id }) => id === 'run')?.exitCode).toBe(5);
    expect(ran.outputs).toMatchObject({ outcome: 'rolled-back', wave: 'canary', verdict: 'fail', revision: Old });
    expect(ran.steps.find(({ id }) => id === 'finalize')?.log).toContain('The run ended by itself: rolled-back.');
    expect(ran.annotations.filter(({ level }) => level === 'error').map(({ title }) => title)).toContain('GATE_FAILED');
    expect(ran.summary).toMatch(/^## ↩ upgrade, Istio 1\.30\.4 → 1\.31\.0: rolled-back/);
    expect(ran.summary).toMatch(
      /server-side errors: [\d.]+ % \(\d+ of \d+ requests\), usually [\d.]+ %, limit [\d.]+ % now/,
    );
    expect(podsByRevision(acting.served)).toEqual({ [Old]: seedPods });
  });

  it('rolls back without a config, and then removes the new istiod', async () => {
    const acting = await mesh();
    const istioctl = acting.served.istioctl;
    const there = await act(acting, { with: { command: 'upgrade', through: 'move-tag' }, debug: true });
    expect(there.conclusion, there.log).toBe('success');
    expect(there.log).toContain('##[debug]{"kind":"effect-started","effect":{"kind":"move-tag"');
    const back = await act(acting, { with: { command: 'rollback', istioctl } });
    expect(back.conclusion, back.log).toBe('success');
    expect(back.outputs).toMatchObject({ outcome: 'rolled-back', revision: Old });
    const removed = await act(acting, { with: { command: 'rollback', istioctl, 'remove-new': 'true' } });
    expect(removed.conclusion, removed.log).toBe('success');
    const istiods = acting.served.sim.store.list(Deployments, 'istio-system').map(({ metadata }) => metadata.name);
    expect(istiods).toEqual([`istiod-${Old}`]);
    const nothing = await act(acting, { with: { command: 'finalize', istioctl } });
    expect(nothing.outputs).toMatchObject({ outcome: 'nothing-to-do' });
  });
});
