import { describe, expect, it } from 'vitest';
import { templateHash } from '../../src/mesh/observe/template-hash.ts';
import { workloadShape } from '../../src/mesh/observe/workload-shape.ts';
import type { PodTemplate, WorkloadObject } from '../../src/ports/objects.ts';

const template = (image: string, annotations: Record<string, string> = {}): PodTemplate => ({
  metadata: { labels: { app: 'foo' }, annotations },
  spec: { containers: [{ name: 'app', image, env: [{ name: 'MODE', value: 'a' }] }] },
});
const whole = template('foo:1', { team: 'a' });

describe('the hash of a pod template', () => {
  it.for([
    { same: true, change: 'a restart of ours', to: template('foo:1', { team: 'a', 'istio-canary-upgrade/run': 'r' }) },
    {
      same: true,
      change: 'a restart by kubectl',
      to: template('foo:1', { 'kubectl.kubernetes.io/restartedAt': '2026-11-28T10:00:00Z', team: 'a' }),
    },
    { same: false, change: 'another image', to: template('foo:2', { team: 'a' }) },
    { same: false, change: 'another annotation', to: template('foo:1', { team: 'b' }) },
    {
      same: false,
      change: 'another variable',
      to: { ...whole, spec: { containers: [{ name: 'app', image: 'foo:1', env: [{ name: 'MODE', value: 'b' }] }] } },
    },
  ])('is the same after $change: $same', ({ same, to }) => {
    expect(templateHash(to) === templateHash(whole)).toBe(same);
  });

  it('of a shortened template is that of the whole', () => {
    const object = { metadata: { name: 'foo', namespace: 'foo' }, spec: { template: whole } };
    const shaped = workloadShape('istio-system')(object as WorkloadObject) as WorkloadObject;
    expect(JSON.stringify(shaped)).not.toContain('MODE');
    expect(templateHash(shaped.spec.template)).toBe(templateHash(whole));
  });
});
