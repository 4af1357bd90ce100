import { describe, expect, it } from 'vitest';
import { checkInjections } from '../../src/checks/injections.ts';
import { New, Old } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

describe('the check of dry-run pods', () => {
  it.for([
    { says: [], outcome: { revision: Old } },
    { says: [], outcome: { revision: New } },
    { says: ['blocks POD_INJECTED_BY_OTHER'], outcome: { revision: '1-29-0' } },
    { says: ['blocks POD_INJECTED_BY_OTHER'], outcome: { revision: 'none' } },
    { says: ['blocks POD_REFUSED'], outcome: { error: 'failed calling webhook' } },
  ])('reports $says for $outcome', ({ says, outcome }) => {
    const injections = [{ namespace: 'foo', workload: 'Deployment foo/foo', outcome }];
    expect(said(checkInjections({ injections }, [Old, New]))).toEqual(says);
  });
});
