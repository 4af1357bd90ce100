import { describe, expect, it } from 'vitest';
import { nextRelease } from '../../src/model/release-name.ts';

describe('the release of the next revision', () => {
  it.for([
    { old: 'istiod-1-30-4', next: 'istiod-1-31-0' },
    { old: 'prod-istiod-1-30-4', next: 'prod-istiod-1-31-0' },
    { old: 'istiod', next: 'istiod-1-31-0' },
    { old: 'control-plane', next: 'istiod-1-31-0' },
  ])('is $next after $old, in the same namespace', ({ old, next }) => {
    expect(nextRelease({ name: old, namespace: 'mesh' }, '1-30-4', '1-31-0', 'istio-system')).toEqual({
      name: next,
      namespace: 'mesh',
    });
  });

  it('is in the Istio namespace where no release holds the old istiod', () => {
    expect(nextRelease(undefined, '1-30-4', '1-31-0', 'istio-system')).toEqual({
      name: 'istiod-1-31-0',
      namespace: 'istio-system',
    });
  });
});
