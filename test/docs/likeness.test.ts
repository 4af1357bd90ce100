import { describe, expect, it } from 'vitest';
import { isLike, isSame, namesThisTime } from './likeness.ts';

describe('a line of a document', () => {
  it.for([
    ['  0:11  → install istiod 1-31-0', '  1:09  → install istiod 1-31-0', true],
    ['  0:11  → install istiod 1-31-0', '  1:09  → install istiod 1-30-4', false],
    ['pass: 0 of 1196 requests failed in 12 s', 'pass: 0 of 90 requests failed in 9 s', true],
    ['pass: 0 of 1196 requests failed in 12 s', 'pass: 7 of 90 requests failed in 9 s', false],
    ['errors  19.9 % of 296 requests, limit 1 %', 'errors 7 % of 3 requests, limit 1 %', true],
    ['errors  19.9 % of 296 requests, limit 1 %', 'errors 7 % of 3 requests, limit 5 %', false],
    [
      '- bar/bar-6f877979fd-6mhf6: 30 of 150 requests failed',
      '- bar/bar-585bd4c6f8-qm8z6: 1 of 2 requests failed',
      true,
    ],
    ['- bar/bar-6f877979fd-6mhf6: 30 of 150 requests failed', '- bar/bar-d8c94fb7-6mhf6: 1 of 2 requests failed', true],
    // A rehearsal on the simulator has the same numbers in every run.
    ['✔ seed: 20 of 20 expectations hold, 14:06 of', '✔ seed: 20 of 20 expectations hold, 14:06 of', true],
    ['✔ seed: 11 of 11 expectations hold, 14:06 of', '✔ seed: 20 of 20 expectations hold, 14:06 of', false],
    ['✔ seed: 20 of 20 expectations hold, 1:40 of', '✔ seed: 20 of 20 expectations hold, 14:06 of', false],
    ['0 of 4,188 requests failed (limit 5 %), about', '0 of 90 requests failed (limit 1 %), about', true],
    ['held: errors …', 'held: errors 20 %, and 2 more', true],
    ['held: errors', 'held: errors 20 %, and 2 more', false],
    ['bar  1-31-0: 2', 'bar      1-31-0: 2', true],
    ['bar  1-31-0: 2', 'bar      1-31-0: 1', false],
    ['its log: me@laptop, process 7710', 'its log: root@vm, process 9', true],
  ] as const)('"%s" compared with "%s" is alike: %s', ([shown, real, like]) => {
    expect(isLike(shown, real)).toBe(like);
  });

  it.for([
    ['  0:03  ✔ 3 Move the revision tag', '  0:03  ✔ 3 Move the revision tag', true],
    ['  0:03  ✔ 3 Move the revision tag', '  0:04  ✔ 3 Move the revision tag', false],
    ['errors  20 % (147 of 736 requests), limit 5 %', 'errors  20 % (148 of 736 requests), limit 5 %', false],
    ['errors  20 % (147 of 736 requests), limit 5 %', 'errors 20 % (147 of 736 requests), limit 5 %', true],
    ['baking 0:18 of 5:00, 0 of 4,188 requests failed', 'baking 0:18 of 5:00, 0 of 4,189 requests failed', false],
    ['plan 2ffd20e88327', 'plan 0badf00d0bad', true],
    ['12 of 12 expectations hold, …', '12 of 12 expectations hold, 2:13 of', true],
    ['12 of 12 expectations hold, …', '11 of 12 expectations hold, 2:13 of', false],
  ] as const)('of a rehearsal on the simulator, "%s", compared with "%s" is the same: %s', ([shown, real, same]) => {
    expect(isSame(shown, real)).toBe(same);
  });

  it('supplies the ids of the run and the plan to the lines after it', () => {
    expect(namesThisTime('run 61ed044f, plan df0f9497a399', 'run a6b8321f, plan 4b6d2a4e5a40')).toEqual([
      ['61ed044f', 'a6b8321f'],
      ['df0f9497a399', '4b6d2a4e5a40'],
    ]);
  });
});
