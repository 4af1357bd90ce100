import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkVersions } from '../../src/checks/versions.ts';
import { barToDowngrade, isDowngrade, wayBetween } from '../../src/model/downgrade.ts';
import { isProblem } from '../../src/model/finding.ts';
import { minorBefore, minorOf } from '../../src/model/releases.ts';
import { plan } from '../mesh/world-fixtures.ts';

const releases = fc
  .tuple(fc.integer({ min: 24, max: 31 }), fc.integer({ min: 0, max: 12 }))
  .map(([minor, patch]) => `1.${minor}.${patch}`);

const identity = { clusterUid: 'uid-1', kubernetesVersion: 'v1.31.0' };

/** What stage 1 says of a jump that the config allows, but for the release of Kubernetes. */
const refusals = (from: string, to: string) =>
  checkVersions(
    { identity, definitions: { release: from } },
    plan({ versions: { from, to }, allowDowngrade: true }),
  ).filter((finding) => isProblem(finding) && !finding.code.startsWith('KUBERNETES'));

describe('a downgrade', () => {
  it.for([
    { from: '1.31.0', to: '1.30.4', bar: undefined },
    { from: '1.31.4', to: '1.31.3', bar: undefined },
    { from: '1.30.4', to: '1.31.0', bar: undefined },
    { from: '1.31.0', to: '1.29.9', bar: 'too far' },
    { from: '2.0.1', to: '1.31.0', bar: 'too far' },
    { from: '1.28.0', to: '1.27.4', bar: 'splits the tag' },
    { from: '1.29.0', to: '1.27.4', bar: 'splits the tag' },
    { from: '1.27.4', to: '1.26.0', bar: undefined },
    { from: '', to: '1.30.4', bar: undefined },
  ])('from $from to $to is barred: $bar', ({ from, to, bar }) => {
    expect(barToDowngrade({ from, to })).toBe(bar);
  });

  it('is not known of a version that cannot be read', () => {
    expect(isDowngrade({ from: 'latest', to: '1.30.4' })).toBe(false);
  });
});

describe('the way between two releases', () => {
  it.for([
    {
      from: '1.31.0',
      to: '1.30.4',
      way: 'Set target.version: 1.30.4, and target.allowDowngrade: true; then run `upgrade` with istioctl of that release.',
    },
    { from: '1.30.4', to: '1.31.0', way: 'Set target.version: 1.31.0; then run `upgrade` with istioctl 1.31.0.' },
    {
      from: '1.31.0',
      to: '1.29.2',
      way: 'Set target.version: a release of 1.30, and target.allowDowngrade: true; then run `upgrade` with istioctl of that release. From there go on to 1.29.2 in the same way.',
    },
    {
      from: '1.28.1',
      to: '1.27.4',
      way: 'No downgrade leads to 1.27.4: an istioctl from before 1.28 moves only a part of the tag (istio/istio#56963).',
    },
  ])('from $from to $to is: $way', ({ from, to, way }) => {
    expect(wayBetween({ from, to })).toBe(way);
  });

  it('names only steps that stage 1 admits, and ends at the release', () => {
    fc.assert(
      fc.property(releases, releases, (from, to) => {
        fc.pre(isDowngrade({ from, to }) && barToDowngrade({ from, to }) !== 'splits the tag');
        let at = from;
        for (let steps = 0; at !== to; steps++) {
          expect(steps).toBeLessThan(10);
          const [, named = ''] = /target\.version: (.+?), and/.exec(wayBetween({ from: at, to })) ?? [];
          const next = named === to ? to : `${minorBefore(at)}.3`;
          if (named !== to) expect(named).toBe(`a release of ${minorOf(next)}`);
          expect(refusals(at, next)).toEqual([]);
          at = next;
        }
      }),
    );
  });
});
