import { describe, expect, it } from 'vitest';
import { checkTags } from '../../src/checks/tags.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { World } from '../../src/model/world.ts';
import { controlPlane, New, noMarks, Old, plan, tagAt, tagObjects } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

describe('the check of tags', () => {
  const both = new Map([Old, New].map((revision) => [revision, controlPlane(revision)]));
  const cases: {
    says: string[];
    when: string;
    tags: World['tags'];
    controlPlanes?: World['controlPlanes'];
    to?: string;
  }[] = [
    { says: [], when: 'all objects name the old revision', tags: tagAt(Old) },
    {
      says: [],
      when: 'all objects name the new revision, and the old istiod is gone',
      tags: tagAt(New),
      controlPlanes: new Map([[New, controlPlane(New)]]),
    },
    {
      says: [],
      when: 'a killed run moved only the webhook',
      tags: new Map([['default', tagObjects({ webhook: New, Service: Old, validator: Old })]]),
    },
    { says: ['blocks TAG_MISSING'], when: 'there is no tag', tags: new Map() },
    {
      says: ['blocks TAG_SPLIT'],
      when: 'an object names a third revision',
      tags: new Map([['default', tagObjects({ webhook: Old, Service: '1-29-0', validator: Old })]]),
    },
    {
      says: ['blocks TAG_REVISION_UNKNOWN'],
      when: 'the tag names a revision without istiod',
      tags: tagAt(Old),
      controlPlanes: new Map(),
    },
    {
      says: ['blocks REVISION_IS_A_TAG'],
      when: 'a tag has the name of the target revision',
      tags: new Map([...tagAt(Old), [New, tagObjects({ webhook: Old })]]),
    },
  ];

  it.for(cases)('reports $says when $when', ({ says, tags, controlPlanes = both }) => {
    expect(said(checkTags({ tags, controlPlanes, marks: noMarks }, plan()))).toEqual(says);
  });

  it('requires the tag default of a mesh of another tag only where the install is not told to make none', () => {
    const tags = new Map([['prod', tagObjects({ webhook: Old, Service: Old })]]);
    const check = (more: Partial<Plan>) =>
      said(checkTags({ tags, controlPlanes: both, marks: noMarks }, plan({ tag: 'prod', ...more })));
    const install = { set: [], leavesDefaultTag: true } as const;
    expect(check({ install: { set: [] } })).toEqual(['blocks DEFAULT_TAG_MISSING']);
    expect(check({ install })).toEqual(['notes DEFAULT_TAG_MISSING']);
    // These cannot be told.
    for (const installer of ['command', 'external'] as const)
      expect(check({ install, installer })).toEqual(['warns DEFAULT_TAG_MISSING']);
  });
});
