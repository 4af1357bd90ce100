import { describe, expect, it } from 'vitest';
import { checkInjections } from '../../src/checks/injections.ts';
import type { PodAnswer, Witness } from '../../src/model/world.ts';
import { injection, New, Old, plan } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

const refused: PodAnswer = { refused: 'violates PodSecurity "baseline:latest"', by: 'admission' };
const other = (outcome: PodAnswer): Witness => ({ namespace: 'bar', workload: 'Deployment bar/bar', outcome });
const waived = (...workloads: readonly string[]) =>
  plan({ waivers: workloads.map((workload) => ({ workload, reason: 'it stays', until: '2027-01-01' })) });

describe('the check of dry-run pods', () => {
  it.for([
    { says: [], outcome: { revision: Old } },
    { says: [], outcome: { revision: New } },
    { says: ['blocks POD_INJECTED_BY_OTHER'], outcome: { revision: '1-29-0' } },
    { says: ['blocks POD_INJECTED_BY_OTHER'], outcome: { revision: 'none' } },
    { says: ['blocks POD_REFUSED'], outcome: { refused: 'failed calling webhook', by: 'injector' as const } },
    { says: ['blocks POD_REFUSED'], outcome: refused },
    { says: ['warns INJECTION_NOT_ASKED'], outcome: { passedOver: 'exceeded quota: compute' } },
    { says: ['warns INJECTION_NOT_ASKED'], outcome: { unknown: 'the server is too busy' } },
  ])('reports $says for $outcome', ({ says, outcome }) => {
    expect(said(checkInjections({ injections: [injection(outcome)] }, plan()))).toEqual(says);
  });

  it('names a workload that is refused alone, and does not block for it', () => {
    const injections = [injection({ revision: Old }, [other(refused)])];
    const found = checkInjections({ injections }, plan());
    expect(said(found)).toEqual(['warns POD_REFUSED']);
    expect(found[0]).toMatchObject({
      message:
        'A dry-run pod of Deployment bar/bar is refused, while that of Deployment foo/foo is not: violates PodSecurity "baseline:latest"',
      objects: ['Deployment bar/bar'],
    });
  });

  it('names all workloads of a class that are refused, and says what the policy says', () => {
    const [found] = checkInjections({ injections: [injection(refused, [other(refused)])] }, plan());
    expect(found).toMatchObject({
      severity: 'blocks',
      message:
        'A dry-run pod of Deployment foo/foo is refused, and so are those of Deployment bar/bar: violates PodSecurity "baseline:latest"',
      objects: ['Deployment foo/foo', 'Deployment bar/bar'],
    });
  });

  it('does not block for workloads that are waived, as long as all that are refused are', () => {
    const injections = [injection(refused, [other(refused)])];
    expect(said(checkInjections({ injections }, waived('Deployment foo/foo')))).toEqual(['blocks POD_REFUSED']);
    expect(said(checkInjections({ injections }, waived('Deployment foo/foo', 'Deployment bar/bar')))).toEqual([
      'warns POD_REFUSED',
    ]);
  });

  it('says nothing of what was passed over when another workload of its class was asked', () => {
    const injections = [injection({ revision: Old }, [other({ passedOver: 'exceeded quota: compute' })])];
    expect(checkInjections({ injections }, plan())).toEqual([]);
  });
});
