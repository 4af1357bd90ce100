import { describe, expect, it } from 'vitest';
import { releaseFindings } from '../../src/checks/target-release.ts';
import { New, Old, plan, tagAt } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

const find = (istiod: string | undefined, sidecar: string | undefined, at = Old, target = '1.31.0') => {
  const empty = { given: undefined, effective: undefined, live: new Map(), injector: new Map(), unread: [] };
  const to = { ...empty, images: { istiod, sidecar } };
  const configurations = { from: undefined, to, toIs: 'installed' as const };
  return said(releaseFindings({ configurations, tags: tagAt(at) }, plan({ versions: { from: '1.30.4', to: target } })));
};

describe('the release of the new revision', () => {
  it.for([
    { is: [], when: 'both images have the version', istiod: '1.31.0', sidecar: '1.31.0' },
    { is: [], when: 'a private build adds to it', istiod: '1.31.0-acme.2', sidecar: '1.31.0' },
    { is: ['blocks RELEASE_NOT_TARGET'], when: 'it is a candidate', istiod: '1.31.0-rc.1', sidecar: '1.31.0' },
    { is: ['blocks RELEASE_NOT_TARGET'], when: 'istiod has another', istiod: '1.30.4', sidecar: '1.31.0' },
    { is: ['blocks RELEASE_NOT_TARGET'], when: 'the sidecars have another', istiod: '1.31.0', sidecar: '1.31.01' },
    { is: ['notes RELEASE_UNKNOWN'], when: 'an image is pinned by a digest', istiod: undefined, sidecar: '1.31.0' },
  ])('gives $is when $when', ({ is, istiod, sidecar }) => {
    expect(find(istiod, sidecar)).toEqual(is);
  });

  it('may be a candidate when the target is that candidate', () => {
    expect(find('1.31.0-rc.1', '1.31.0-rc.1', Old, '1.31.0-rc.1')).toEqual([]);
  });

  it('only warns once the tag has moved', () => {
    expect(find('1.30.4', '1.31.0', New)).toEqual(['warns RELEASE_NOT_TARGET']);
  });
});
