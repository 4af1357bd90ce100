import { describe, expect, it } from 'vitest';
import { isReader, rightsFor } from '../../src/checks/rights.ts';

const system = 'istio-system';
const looking = rightsFor('look', system);
const all = rightsFor('upgrade', system);

describe('isReader', () => {
  it.for([
    { may: 'read everything that a check needs', allowed: looking, is: true },
    {
      may: 'also list the objects that an uninstall lists',
      allowed: all.filter((right) => looking.includes(right) || right.verb === 'list').concat(looking),
      is: true,
    },
    { may: 'do everything that an upgrade does', allowed: all, is: false },
    {
      may: 'also patch Deployments, which is a part of the rights of an upgrade',
      allowed: [...looking, ...all.filter(({ verb, resource }) => verb === 'patch' && resource === 'deployments')],
      is: false,
    },
    { may: 'not read Secrets', allowed: looking.filter(({ resource }) => resource !== 'secrets'), is: false },
  ])('is $is for a user who may $may', ({ allowed, is }) => {
    expect(isReader(allowed, system)).toBe(is);
  });
});
