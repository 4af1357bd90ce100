import { describe, expect, it } from 'vitest';
import { podsByRevision } from '../action/acting.ts';
import { meshOf, runExample } from './examples.ts';

const Old = '1-30-4';
const New = '1-31-0';
const allPods = 13;

const results = ({ jobs }: Awaited<ReturnType<typeof runExample>>) =>
  Object.fromEntries(jobs.map(({ name, result }) => [name, result]));

describe('upgrade.yml', () => {
  it('writes nothing in a dry run, and upgrades up to the wave that the input names', async () => {
    const acting = await meshOf('staging');
    const looked = await runExample(acting, {
      workflow: 'upgrade.yml',
      inputs: { cluster: 'staging', 'dry-run': true },
    });
    expect(results(looked), looked.jobs[0]?.ran?.log).toEqual({
      'check / part': 'success',
      canary: 'skipped',
      waves: 'skipped',
      remove: 'skipped',
    });
    expect(looked.jobs[0]).toMatchObject({ environment: 'staging-look', outputs: { outcome: 'completed' } });
    expect(looked.jobs[0]?.ran?.summary).toMatch(/^## ✔ upgrade, dry run: completed/);
    expect(podsByRevision(acting.served)).toEqual({ [Old]: allPods });

    const inputs = { cluster: 'staging', 'dry-run': false };
    const canary = await runExample(acting, { workflow: 'upgrade.yml', inputs: { ...inputs, wave: 'canary' } });
    expect(results(canary), canary.jobs.at(-1)?.ran?.log).toEqual({
      'check / part': 'success',
      'canary / part': 'success',
      waves: 'skipped',
      remove: 'skipped',
    });
    expect(podsByRevision(acting.served)[New]).toBeGreaterThan(0);
    expect(podsByRevision(acting.served)[Old]).toBeGreaterThan(0);
  });

  it('holds when it is cancelled in a wave, and completes every part when it runs again', async () => {
    const acting = await meshOf('staging');
    const cancelling = new AbortController();
    const inputs = { cluster: 'staging', 'dry-run': false, wave: 'remove' };
    const cancelled = await runExample(acting, {
      workflow: 'upgrade.yml',
      inputs,
      cancel: cancelling.signal,
      tell: (line) => {
        if (line.includes('restart Deployment bar/bar')) cancelling.abort();
      },
    });
    expect(results(cancelled)).toMatchObject({ 'canary / part': 'cancelled', waves: 'skipped' });
    expect(podsByRevision(acting.served)[Old]).toBeGreaterThan(0);
    const again = await runExample(acting, { workflow: 'upgrade.yml', inputs });
    expect(results(again), again.jobs.map(({ ran }) => ran?.log).join('\n')).toEqual({
      'check / part': 'success',
      'canary / part': 'success',
      'waves / part': 'success',
      'remove / part': 'success',
    });
    expect(again.jobs.map(({ environment }) => environment)).toEqual([
      'staging-look',
      'staging-canary',
      'staging-waves',
      'staging-remove',
    ]);
    expect(podsByRevision(acting.served)).toEqual({ [New]: allPods });
  });
});
