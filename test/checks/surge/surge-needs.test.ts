import { describe, expect, it } from 'vitest';
import { none } from '../../../src/checks/surge/quantity.ts';
import { type Asking, istiodShortages, shortages } from '../../../src/checks/surge/surge-needs.ts';
import { plan } from '../../mesh/world-fixtures.ts';

const GiB = 2 ** 30;
const asking = (namespace: string, more: Partial<Asking> = {}): Asking => ({
  namespace,
  name: namespace,
  requests: { cpu: 1, memory: GiB },
  pods: 4,
  surge: 1,
  ...more,
});

describe('the room that restarts need', () => {
  const workloads = [asking('bar'), asking('foo'), asking('baz')];

  it('is enough when the largest part fits exactly', () => {
    expect(shortages({ workloads, allocatable: { cpu: 14, memory: 14 * GiB }, istiod: none }, plan())).toEqual([]);
  });

  it('is reported as missing with the part and the numbers', () => {
    expect(shortages({ workloads, allocatable: { cpu: 13, memory: 100 * GiB }, istiod: none }, plan())).toEqual([
      { part: 'wave rest', resource: 'cpu', needs: 2, allocatable: 13, requested: 12 },
    ]);
  });

  it('is less when fewer workloads restart at once', () => {
    const paced = plan({
      pace: { workloadsAtOnce: 1, rolloutTimeoutMs: 900_000, roomTimeoutMs: 180_000, patienceMs: 900_000 },
    });
    expect(shortages({ workloads, allocatable: { cpu: 13, memory: 13 * GiB }, istiod: none }, paced)).toEqual([]);
  });

  it('includes the new istiod, which runs beside everything else', () => {
    const istiod = { cpu: 0.5, memory: 2 * GiB };
    const found = shortages({ workloads, allocatable: { cpu: 14, memory: 15 * GiB }, istiod }, plan());
    expect(found.map(({ resource, needs }) => [resource, needs])).toEqual([
      ['cpu', 2.5],
      ['memory', 4 * GiB],
    ]);
  });

  it('counts gateways as a separate part', () => {
    const gateway = asking('istio-ingress', { name: 'istio-ingressgateway', surge: 3 });
    const [found] = shortages(
      { workloads: [gateway], allocatable: { cpu: 5, memory: 99 * GiB }, istiod: none },
      plan(),
    );
    expect(found).toMatchObject({ part: 'the gateways', needs: 3 });
  });

  it('is zero when no workload surges, even on full nodes', () => {
    const still = workloads.map((each) => ({ ...each, surge: 0 }));
    expect(shortages({ workloads: still, allocatable: none, istiod: none }, plan())).toEqual([]);
  });
});

describe('the room that the new istiod needs', () => {
  const workloads = [asking('bar'), asking('foo')];
  const asks = { requests: { cpu: 2, memory: GiB }, pods: 2 };
  const nodes = (cpu: number, largest = cpu) => ({
    together: { cpu, memory: 99 * GiB },
    largest: { cpu: largest, memory: 99 * GiB },
  });

  it.for([
    { when: 'all its pods fit exactly beside what runs', has: nodes(12), short: [] },
    { when: 'one pod would fit, and two do not', has: nodes(11), short: ['all pods cpu 4 of 11'] },
    { when: 'more is requested than there is', has: nodes(7), short: ['all pods cpu 4 of 7'] },
    { when: 'all nodes are smaller than one pod', has: nodes(99, 1), short: ['one pod cpu 2 of 1'] },
  ])('is short of $short when $when', ({ has, short }) => {
    const found = istiodShortages(asks, workloads, has);
    expect(found.map(({ of, resource, needs, has: all }) => `${of} ${resource} ${needs} of ${all}`)).toEqual(short);
  });
});
