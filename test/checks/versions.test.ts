import { describe, expect, it } from 'vitest';
import { checkVersions } from '../../src/checks/versions.ts';
import { New, plan } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

const world = (given: { kubernetes?: string; release?: string | undefined } = {}) => {
  const { kubernetes, release } = { kubernetes: 'v1.34.0', release: '1.30.4', ...given };
  return { identity: { clusterUid: 'uid-1', kubernetesVersion: kubernetes }, definitions: { release } };
};

describe('the check of versions', () => {
  it.for([
    { from: '1.30.4', to: '1.31.0', kubernetes: 'v1.36.3', says: [] },
    { from: '1.29.1', to: '1.31.0', kubernetes: 'v1.34.0', says: [] },
    { from: '1.28.0', to: '1.31.0', kubernetes: 'v1.34.0', says: ['blocks SKEW_TOO_WIDE'] },
    { from: '1.31.0', to: '1.30.4', kubernetes: 'v1.34.0', says: ['blocks DOWNGRADE'] },
    { from: '1.31.0', to: '1.29.2', kubernetes: 'v1.34.0', says: ['blocks DOWNGRADE', 'blocks DOWNGRADE_TOO_FAR'] },
    { from: '', to: '1.31.0', kubernetes: 'v1.34.0', says: ['blocks VERSION_UNKNOWN'] },
    { from: '1.30.4', to: '1.31.0', kubernetes: 'v1.31.9', says: ['blocks KUBERNETES_TOO_OLD'] },
    { from: '1.30.4', to: '1.31.0', kubernetes: 'v1.37.0', says: ['warns KUBERNETES_UNTESTED'] },
    { from: '1.98.0', to: '1.99.0', kubernetes: 'v1.37.0', says: ['notes KUBERNETES_UNCHECKED'] },
  ])('reports $says for $from to $to on $kubernetes', ({ from, to, kubernetes, says }) => {
    expect(said(checkVersions(world({ kubernetes, release: from }), plan({ versions: { from, to } })))).toEqual(says);
  });

  it.for([
    { from: '1.31.0', to: '1.30.4', says: ['warns DOWNGRADE_ALLOWED', 'warns DEFINITIONS_NEWER'] },
    { from: '1.31.2', to: '1.31.0', says: ['warns DOWNGRADE_ALLOWED', 'warns DEFINITIONS_NEWER'] },
    { from: '1.31.0', to: '1.31.0-rc.0', says: ['warns DOWNGRADE_ALLOWED', 'warns DEFINITIONS_NEWER'] },
    { from: '1.31.0', to: '1.29.2', says: ['blocks DOWNGRADE_TOO_FAR'] },
    { from: '2.0.0', to: '1.31.0', says: ['blocks DOWNGRADE_TOO_FAR'] },
    { from: '1.28.3', to: '1.27.9', says: ['blocks DOWNGRADE_TOO_FAR'] },
    { from: '', to: '1.30.4', says: ['blocks VERSION_UNKNOWN'] },
    { from: '1.30.4', to: '1.31.0', says: [] },
  ])('reports $says for $from to $to when a downgrade is allowed', ({ from, to, says }) => {
    const asked = plan({ versions: { from, to }, allowDowngrade: true });
    expect(said(checkVersions(world({ release: from }), asked))).toEqual(says);
  });

  it('names target.allowDowngrade and what it does where an older target is refused without it', () => {
    const [refused] = checkVersions(world(), plan({ versions: { from: '1.31.0', to: '1.30.4' } }));
    expect(refused?.message).toBe('1.30.4 is older than 1.31.0, which runs now, and target.allowDowngrade is not set.');
    expect(refused?.fix).toMatch(/target\.allowDowngrade: true.*same eight stages.*at most one minor back/);
    expect(refused?.fix).not.toContain('rollback');
  });

  it('says which releases are allowed where a downgrade goes too far', () => {
    const [refused] = checkVersions(
      world(),
      plan({ versions: { from: '1.31.0', to: '1.29.2' }, allowDowngrade: true }),
    );
    expect(refused?.message).toBe('1.31.0 to 1.29.2 is too far back: allowed are older releases of 1.30 or 1.31.');
    expect(refused?.fix).toMatch(
      /target\.version: a release of 1\.30, and target\.allowDowngrade: true.*on to 1\.29\.2/,
    );
  });

  it('keeps newer CRDs also when an upgrade goes to a release between, and those of an unknown release in a downgrade', () => {
    const between = plan({ versions: { from: '1.30.4', to: '1.30.5' } });
    expect(said(checkVersions(world({ release: '1.31.0' }), between))).toEqual(['warns DEFINITIONS_NEWER']);
    const back = plan({ versions: { from: '1.31.0', to: '1.30.4' }, allowDowngrade: true });
    expect(said(checkVersions(world({ release: undefined }), back))).toContain('warns DEFINITIONS_NEWER');
    expect(said(checkVersions(world({ release: '1.30.4' }), back))).toEqual(['warns DOWNGRADE_ALLOWED']);
  });

  it('refuses to upgrade a revision onto itself', () => {
    expect(said(checkVersions(world(), plan({ from: New })))).toEqual(['blocks SAME_REVISION']);
  });

  it('asks for another name where the version was changed and target.revision was not', () => {
    const [same] = checkVersions(world(), plan({ from: New, versions: { from: '1.31.0', to: '1.30.4' } }));
    expect(same).toMatchObject({ code: 'SAME_REVISION', fix: expect.stringContaining('remove target.revision') });
  });
});
