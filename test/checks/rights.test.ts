import { describe, expect, it } from 'vitest';
import { isReader, rightsFor } from '../../src/checks/rights.ts';

const system = 'istio-system';
const looking = rightsFor('look', system);
const all = rightsFor('upgrade', system);

describe('a user that only reads', () => {
  it.for([
    { may: 'all that a look needs', allowed: looking, is: true },
    {
      may: 'also list what an uninstall would look through',
      allowed: all.filter((right) => looking.includes(right) || right.verb === 'list').concat(looking),
      is: true,
    },
    { may: 'everything', allowed: all, is: false },
    {
      may: 'also patch Deployments, and so was given some of the rights of an upgrade',
      allowed: [...looking, ...all.filter(({ verb, resource }) => verb === 'patch' && resource === 'deployments')],
      is: false,
    },
    { may: 'not even look at all of it', allowed: looking.filter(({ resource }) => resource !== 'secrets'), is: false },
  ])('is $is, given the right to $may', ({ allowed, is }) => {
    expect(isReader(allowed, system)).toBe(is);
  });
});
