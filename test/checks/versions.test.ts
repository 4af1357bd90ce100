import { describe, expect, it } from 'vitest';
import { checkVersions } from '../../src/checks/versions.ts';
import { New, plan } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

describe('the check of versions', () => {
  it.for([
    { from: '1.30.4', to: '1.31.0', kubernetes: 'v1.36.3', says: [] },
    { from: '1.29.1', to: '1.31.0', kubernetes: 'v1.34.0', says: [] },
    { from: '1.28.0', to: '1.31.0', kubernetes: 'v1.34.0', says: ['blocks SKEW_TOO_WIDE'] },
    { from: '1.31.0', to: '1.30.4', kubernetes: 'v1.34.0', says: ['blocks DOWNGRADE'] },
    { from: '', to: '1.31.0', kubernetes: 'v1.34.0', says: ['blocks VERSION_UNKNOWN'] },
    { from: '1.30.4', to: '1.31.0', kubernetes: 'v1.31.9', says: ['blocks KUBERNETES_TOO_OLD'] },
    { from: '1.30.4', to: '1.31.0', kubernetes: 'v1.37.0', says: ['warns KUBERNETES_UNTESTED'] },
    { from: '1.98.0', to: '1.99.0', kubernetes: 'v1.37.0', says: ['notes KUBERNETES_UNCHECKED'] },
  ])('reports $says for $from to $to on $kubernetes', ({ from, to, kubernetes, says }) => {
    const identity = { clusterUid: 'uid-1', kubernetesVersion: kubernetes };
    expect(said(checkVersions({ identity }, plan({ versions: { from, to } })))).toEqual(says);
  });

  it('refuses to upgrade a revision onto itself', () => {
    const identity = { clusterUid: 'uid-1', kubernetesVersion: 'v1.34.0' };
    expect(said(checkVersions({ identity }, plan({ from: New })))).toEqual(['blocks SAME_REVISION']);
  });
});
