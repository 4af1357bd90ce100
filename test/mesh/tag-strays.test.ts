import { describe, expect, it } from 'vitest';
import { tagMovedAway, tagStrays } from '../../src/mesh/tag-strays.ts';
import type { TagPart } from '../../src/model/plan.ts';
import { New, Old, tagAt, tagObjects } from './world-fixtures.ts';

const whats = (tags: ReturnType<typeof tagAt>, tag = 'default', tagLacks: readonly TagPart[] = []) =>
  tagStrays(tags, { tag, to: New, tagLacks }).map(({ what, is }) => `${what}: ${is}`);

describe('strays of a tag', () => {
  it('are none when webhook, Service and validator name the revision', () => {
    expect(whats(tagAt(New))).toEqual([]);
  });

  it.for([
    {
      when: 'only the webhook moved',
      objects: { webhook: New, Service: Old, validator: Old },
      strays: ['Service of tag default: 1-30-4', 'validator of tag default: 1-30-4'],
    },
    {
      when: 'its webhooks disagree',
      objects: { webhook: `${Old}+${New}`, Service: New, validator: New },
      strays: ['webhook of tag default: 1-30-4+1-31-0'],
    },
    {
      when: 'the validator is gone',
      objects: { webhook: New, Service: New },
      strays: ['validator of tag default: absent'],
    },
    { when: 'a release before 1.28 created no Service', objects: { webhook: New, validator: New }, strays: [] },
    {
      when: 'the webhook names no revision',
      objects: { webhook: undefined, Service: New, validator: New },
      strays: ['webhook of tag default: nothing'],
    },
  ])('are $strays when $when', ({ objects, strays }) => {
    expect(whats(new Map([['default', tagObjects(objects)]]))).toEqual(strays);
  });

  it('need no validator for a tag that is not called default', () => {
    expect(whats(new Map([['prod', tagObjects({ webhook: New, Service: New })]]), 'prod')).toEqual([]);
  });

  it.for([
    { objects: { webhook: New }, strays: [] },
    { objects: { webhook: New, Service: New, validator: New }, strays: [] },
    {
      objects: { webhook: New, Service: Old, validator: Old },
      strays: ['Service of tag default: 1-30-4', 'validator of tag default: 1-30-4'],
    },
    { objects: { Service: New, validator: New }, strays: ['webhook of tag default: absent'] },
  ])('are $strays when the tag had neither Service nor validator and now has $objects', ({ objects, strays }) => {
    expect(whats(new Map([['default', tagObjects(objects)]]), 'default', ['Service', 'validator'])).toEqual(strays);
  });

  it('are reported with the field managers that may have moved the tag back', () => {
    const tags = new Map([
      ['default', tagObjects({ webhook: Old, Service: New, validator: New }, ['istio-ci', 'argocd'])],
    ]);
    expect(tagMovedAway(tags, { tag: 'default', to: New })).toMatchObject([
      { code: 'TAG_NOT_AT_TARGET', fix: expect.stringContaining('istio-ci, argocd') },
    ]);
  });
});
