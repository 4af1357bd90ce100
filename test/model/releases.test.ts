import { describe, expect, it } from 'vitest';
import { isOlder, kubernetesMinor, kubernetesRange, minorsAhead, newestAfter } from '../../src/model/releases.ts';

describe('releases', () => {
  it.for([
    { from: '1.30.4', to: '1.31.0', ahead: 1 },
    { from: '1.29.0', to: '1.31.9', ahead: 2 },
    { from: '1.31.0', to: '1.30.4', ahead: -1 },
    { from: '1.30.4', to: '1.30.5', ahead: 0 },
    { from: '1.30.4', to: '2.0.0', ahead: 970 },
    { from: '', to: '1.31.0', ahead: undefined },
  ])('$to is $ahead minors ahead of "$from"', ({ from, to, ahead }) => {
    expect(minorsAhead(from, to)).toBe(ahead);
  });

  it('order a release candidate before its release', () => {
    expect(isOlder('1.31.0-rc.1', '1.31.0')).toBe(true);
    expect(isOlder('1.31.0', '1.31.0')).toBe(false);
  });

  it.for([
    { version: '1.31.0', range: [32, 36] },
    { version: '1.24.6', range: [28, 31] },
    { version: '1.15.4', range: undefined },
    { version: 'latest', range: undefined },
  ])('$version supports the Kubernetes minors $range', ({ version, range }) => {
    expect(kubernetesRange(version)).toEqual(range);
  });

  it.for([
    ['v1.36.3', 36],
    ['v1.33.1-gke.200', 33],
    ['v1.32.0+k3s1', 32],
  ] as const)('take %s for Kubernetes minor %i', ([version, minor]) => {
    expect(kubernetesMinor(version)).toBe(minor);
  });

  it.for([
    ['1.30.4', 'v1.36.1', '1.31.0'],
    ['1.29.6', 'v1.36.1', '1.31.0'],
    ['1.28.0', 'v1.34.2-gke.1', '1.30.4'],
    ['1.30.4', 'v1.31.0', undefined],
    ['1.30.3', 'v1.31.0', undefined],
    ['1.31.0', 'v1.36.1', undefined],
    ['1.20.0', 'v1.36.1', undefined],
    ['latest', 'v1.36.1', undefined],
  ] as const)('after %s on Kubernetes %s the newest release that may follow is %s', ([from, kubernetes, newest]) => {
    expect(newestAfter(from, kubernetes)).toBe(newest);
  });
});
