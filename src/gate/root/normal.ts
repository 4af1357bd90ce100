import type { Count, Normal } from '../../model/evidence.ts';

/** One of the equal spans of time that a history is made of. */
export interface Block {
  own: Count;
  /** The rest of the mesh in the same time. */
  rest: Count;
}

/** What a history of nothing says: failures come in bursts of two on average. With weight, so that few failures prove no more. */
const assumed = { dispersion: 2, failures: 4 };
/** Other classes of failures say how large bursts are, but not more than this: their rates wander too. */
const likelyMax = 40;
/** So few blocks show the dispersion only roughly, and what they do not show is a false alarm later. */
const widened = 1.5;
/** A part follows the rest of the mesh if this explains so much of how its failures vary. */
const explained = 0.8;
/** So many failures of the rest are assumed besides those counted, so that a small rest says little. */
const restAssumed = 5;

/**
 * What is normal for a part of the mesh, from its history: how much fails, and how much more this varies than by chance. Single, independent
 * errors are rare: they come in bursts, and the rate wanders with load and with what others do.
 * @param likely the dispersion to assume while few failures were counted, from `likelyDispersion`
 */
export function normalOf(blocks: readonly Block[], likely = assumed.dispersion): Normal {
  const own = sumOf(blocks.map((block) => block.own));
  const rest = sumOf(blocks.map((block) => block.rest));
  const ratio = own.requests === 0 ? 0 : own.errors / own.requests;
  const restRatio = rest.requests === 0 ? undefined : rest.errors / rest.requests;
  const alone = dispersionOf(
    blocks.map((block) => [block.own.errors, block.own.requests * ratio]),
    likely,
  );
  const beside =
    restRatio === undefined
      ? alone
      : dispersionOf(
          blocks.map((block) => [block.own.errors, block.own.requests * ratio * timesUsual(block.rest, restRatio)]),
          likely,
        );
  const followsRest = beside < explained * alone;
  const dispersion = 1 + widened * Math.max(0, (followsRest ? beside : alone) - 1);
  return {
    ...own,
    dispersion,
    followsRest,
    ...(own.requests > 0 && { most: (Math.sqrt(own.errors + dispersion) + Math.sqrt(dispersion)) ** 2 / own.requests }),
    ...(restRatio !== undefined && { rest: restRatio }),
  };
}

/**
 * The dispersion to assume of a class that failed rarely: a single burst of lost requests in six hours does not show that they come in
 * bursts, but the failures of all classes together may.
 * @param classes the same blocks, once for each class of failures
 */
export function likelyDispersion(classes: readonly (readonly Block[])[]): number {
  const together = (classes[0] ?? []).map((first, index): Block => {
    const blocks = classes.map((blocks) => blocks[index] ?? first);
    return {
      own: { requests: first.own.requests, errors: sumOf(blocks.map(({ own }) => own)).errors },
      rest: { requests: first.rest.requests, errors: sumOf(blocks.map(({ rest }) => rest)).errors },
    };
  });
  return Math.min(likelyMax, Math.max(assumed.dispersion, normalOf(together).dispersion));
}

/** How many times its usual failures the rest of the mesh has. */
export const timesUsual = ({ requests, errors }: Count, usual: number): number =>
  (errors + restAssumed) / (requests * usual + restAssumed);

export const sumOf = (counts: readonly Count[]): Count => ({
  requests: counts.reduce((sum, { requests }) => sum + requests, 0),
  errors: counts.reduce((sum, { errors }) => sum + errors, 0),
});

/** The mean square of how far what was counted lies from what was expected, in units of chance. */
function dispersionOf(blocks: readonly (readonly [counted: number, expected: number])[], likely: number): number {
  const squares = blocks.reduce((sum, [counted, expected]) => sum + (counted - expected) ** 2, 0);
  const expected = blocks.reduce((sum, [, each]) => sum + each, 0);
  return (squares + likely * assumed.failures) / (expected + assumed.failures);
}
